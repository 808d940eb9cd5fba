"""Accepted POSTs per second by the service against a bare endpoint under the same gunicorn, in turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from statistics import median

from redis import Redis

from bench.load import Load, post_for
from bench.plant import Plant, free_port, plant
from moderation import sites
from moderation.settings import Settings
from moderation.sites import Scope

ROUNDS = 4
ROUND_S = 5.0
CONNECTIONS = 16


def measure() -> tuple[list[Load], list[Load]]:
    """(bare, ours): a Load for each round."""
    with plant() as built:
        key = a_key(built)
        bare, ours = free_port(), free_port()
        built.start(*gunicorn(bare))
        built.start("service", "serve", PORT=str(ours), BACKLOG_LIMIT="10000000", RATE_LIMIT_PER_MINUTE="0")
        rounds: dict[int, list[Load]] = {bare: [], ours: []}
        for port in rounds:
            wait_for(built, port, key)
        for _ in range(ROUNDS):
            for port, loads in rounds.items():
                Redis.from_url(built.server.url).flushall()
                loads.append(post_for(port, _bodies(), key=key, connections=CONNECTIONS, seconds=ROUND_S))
        return rounds[bare], rounds[ours]


def a_key(built: Plant) -> str:
    made = sites.create_key(built.database, built.site_id, name="bench", scopes=tuple(Scope), now=datetime.now(UTC))
    return made.token


def gunicorn(port: int) -> list[str]:
    """The bare endpoint with the processes and threads that the service has."""
    settings = Settings()
    return [
        "gunicorn", "bench.bare:create_app()", "-k", "gthread", "--bind", f"127.0.0.1:{port}", "--backlog", "512",
        "-w", str(settings.web_processes), "--threads", str(settings.web_threads), "--log-level", "warning",
    ]  # fmt: skip


def rate(loads: list[Load]) -> float:
    return median(load.rate for load in loads)


def _bodies() -> Iterator[dict[str, object]]:
    for number in count():
        yield {
            "article": {"id": "export-controls"},
            "author": {"id": f"reader-{number % 50}", "name": f"Reader {number % 50}"},
            "text": f"The licence rules will take months to settle, and number {number} says so too.",
        }


def wait_for(built: Plant, port: int, key: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            post_for(port, _bodies(), key=key, connections=1, seconds=0.2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"no server on port {port}: see {built.folder / 'processes.log'}")
