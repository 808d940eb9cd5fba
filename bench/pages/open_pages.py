"""Thousands of open pages on one web process: each asks for the version of its article now and then, as the comment box
does, by a connection of its own."""

from __future__ import annotations

import asyncio
import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

from bench import Option, Result, in_ms, percentile, tell
from bench.plant import Plant, free_port, plant, tree_s
from moderation.sites import sites
from moderation.sites.audit import actors
from service.context import utc_now

ORIGIN = "https://bench.example"
CHANGES_EVERY_S = 5  # somebody describes the article again, and every page sees another version
UNANSWERED = 0
PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class OpenPlan:
    pages: Annotated[int, Option("that are open")] = 2_000
    every_s: Annotated[int, Option("seconds between two questions of one page")] = 30
    seconds: Annotated[int, Option("of the measurement")] = 60


def measure_open(plan: OpenPlan) -> Result:
    with plant() as newsroom:
        created = sites.create_site(newsroom.database, "Open", by=actors.operator("bench"), now=utc_now())
        port = _served(newsroom)
        put = partial(_put, port, created.key.token)
        put("/v1/site/origins", {"origins": [ORIGIN]})
        put("/v1/articles/a-1", {"title": "Ferry"})
        worked = tree_s(newsroom.processes[0].pid)
        asked = asyncio.run(_ask(port, f"/v1/pages/{created.site.id}/articles/a-1/version", plan, put))
        worked = tree_s(newsroom.processes[0].pid) - worked
    took = sorted(asked.seconds)
    rows = [
        ["questions a second", f"{len(took) / plan.seconds:.0f}"],
        ["p50 ms", in_ms(percentile(took, 0.5))],
        ["p95 ms", in_ms(percentile(took, 0.95))],
        ["the server's processor, ms a question", f"{1000 * worked / max(1, len(took)):.1f}"],
        ["share of one core", f"{worked / plan.seconds:.0%}"],
        *([f"answers {status or 'that never came'}", str(count)] for status, count in sorted(asked.statuses.items())),
    ]
    failed = [f"{asked.statuses[status]} × {status}" for status in asked.statuses if status not in (200, 304)]
    lines = [f"{plan.pages:,} pages, one question each {plan.every_s} s, one web process with 16 threads, SQLite"]
    values = {"plan": asdict(plan), "seconds": took, "processor": worked, "statuses": dict(asked.statuses)}
    return Result("open_pages", ("open pages", "measured"), rows, lines, values, failed)


def _served(newsroom: Plant) -> int:
    port = free_port()
    newsroom.start("service", "serve", PORT=str(port), WEB_PROCESSES="1", WEB_THREADS="16", RATE_LIMIT_PER_MINUTE="0")
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return port
    raise TimeoutError(f"the service does not answer: see {newsroom.folder / 'processes.log'}")


def _put(port: int, key: str, path: str, body: object) -> None:
    """Raises HTTPError when it is refused."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    sent = json.dumps(body).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=sent, headers=headers, method="PUT")
    urllib.request.urlopen(asked, timeout=30).close()


@dataclass(slots=True)
class _Asked:
    seconds: list[float]
    statuses: Counter[int]


async def _ask(port: int, path: str, plan: OpenPlan, put: Callable[[str, object], None]) -> _Asked:
    asked, until = _Asked([], Counter()), time.monotonic() + plan.seconds
    pages = [asyncio.create_task(_page(port, path, plan, asked, until)) for _ in range(plan.pages)]
    turn = 0
    while time.monotonic() < until:
        await asyncio.sleep(CHANGES_EVERY_S)
        turn += 1
        await asyncio.to_thread(put, "/v1/articles/a-1", {"title": f"Ferry {turn}"})
    await asyncio.gather(*pages)
    tell(f"{len(asked.seconds):,} questions")
    return asked


async def _page(port: int, path: str, plan: OpenPlan, asked: _Asked, until: float) -> None:
    """Pages are opened at any moment of the time between two questions."""
    tag = ""
    await asyncio.sleep(random.random() * plan.every_s)
    while time.monotonic() < until:
        begun = time.perf_counter()
        status, tag = await _question(port, path, tag)
        asked.seconds.append(time.perf_counter() - begun)
        asked.statuses[status] += 1
        await asyncio.sleep(plan.every_s - min(plan.every_s, time.perf_counter() - begun))


async def _question(port: int, path: str, tag: str) -> tuple[int, str]:
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET {path} HTTP/1.1\r\nHost: gavel\r\nOrigin: {ORIGIN}\r\n{known}Connection: close\r\n\r\n"
        writer.write(head.encode())
        answer = (await asyncio.wait_for(reader.read(), PATIENCE_S)).decode()
        writer.close()
        lines = answer.partition("\r\n\r\n")[0].split("\r\n")
        tags = [line.partition(": ")[2] for line in lines if line.lower().startswith("etag:")]
        return int(lines[0].split()[1]), tags[0] if tags else tag
    except (OSError, TimeoutError, IndexError, ValueError):
        return UNANSWERED, tag
