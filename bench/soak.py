"""An hour of an ordinary day at a share of what the machine can do, with everything as ``./run.sh up`` starts it.

What is looked for is what only time shows: memory or descriptors that grow, a queue that does, a comment that is lost.
Each sample is written at once, so that a run that is cut off still tells what it saw.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import soak_checks
from bench.census import Held, census
from bench.chart import Panel, svg
from bench.databases import Kind, database_url
from bench.figures import Slope, percentile, slope
from bench.plant import ROOT, free_port
from bench.report import Result, tell
from bench.traffic import Desk, FeedReader, Traffic
from moderation import sites
from moderation.jobs import Queues, connect_for_worker
from moderation.schema import comments, decisions
from moderation.sites import Role
from moderation.store.database import Database, first_id_at
from service.passwords import hash_password
from workers import home

AHEAD = 300  # comments that wait while the capacity is measured, so that the worker never has to
WARM_UP = 64
SETTLING_SHARE = 0.1  # of the time, left out of the slopes: caches fill, allocators find their size
UP_WITHIN_S, DRAINED_WITHIN_S = 120.0, 300.0
MODERATORS, DECIDES_EVERY_S = 2, 3.0
PASSWORD = "a passphrase for the soak"


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: float = 60
    load: float = 0.7  # of the measured capacity
    capacity_s: float = 60
    every_s: float = 10
    kind: Kind = Kind.SQLITE
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stood at a moment, and what was felt since the sample before: seconds, nought where nothing was."""

    minute: float
    processes: dict[str, Held]
    depths: dict[str, int]
    waiting: int
    oldest_s: float
    posted: int
    post_p50_s: float
    post_p95_s: float
    decided: int
    decision_p50_s: float  # from arrival to decision
    decision_p95_s: float


@dataclass
class Running:
    """Everything up, with a site and its moderators."""

    folder: Path
    port: int
    database: Database
    process: subprocess.Popen[bytes]
    key: str = ""
    site_id: str = ""
    database_pids: tuple[int, ...] = ()
    queues: Queues = field(init=False)

    def __post_init__(self) -> None:
        made = sites.create_site(self.database, "Soak", now=datetime.now(UTC))
        self.key, self.site_id = made.key.token, made.site.id
        hashed = hash_password(PASSWORD)
        for number in range(MODERATORS):
            address = f"moderator-{number}@example.org"
            roles = {self.site_id: Role.MODERATOR}
            sites.create_moderator(
                self.database,
                email=address,
                name=address[:11],
                password_hash=hashed,
                roles=roles,
                now=datetime.now(UTC),
            )
        port = home.remembered_queue_port(self.folder)
        self.queues = Queues(connect_for_worker(f"redis://127.0.0.1:{port}/0"))

    def waiting(self) -> tuple[int, float]:
        """How many, and for how many seconds the oldest."""
        query = sa.select(sa.func.count(), sa.func.min(comments.c.updated_at)).where(comments.c.status == "waiting")
        with self.database.read() as conn:
            count, since = conn.execute(query).one()
        return count, (datetime.now(UTC) - since).total_seconds() if since else 0.0

    def delays(self, since: datetime) -> list[float]:
        """Seconds from arrival to decision, of what a policy has decided since then, in order."""
        query = (
            sa.select(comments.c.received_at, decisions.c.created_at)
            .join(comments, comments.c.id == decisions.c.comment_id)
            .where(decisions.c.id >= first_id_at(since), decisions.c.version == 1)
        )
        with self.database.read() as conn:
            return sorted((row.created_at - row.received_at).total_seconds() for row in conn.execute(query))

    def decided(self, since: datetime) -> int:
        query = sa.select(sa.func.count()).where(decisions.c.id >= first_id_at(since))
        with self.database.read() as conn:
            return conn.execute(query).scalar_one()


def measure(plan: Plan, out: Path) -> Result:
    """Runs for ``plan.minutes`` and about two more. Leaves ``soak-KIND.jsonl`` and ``.svg`` in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"soak-{plan.kind}.jsonl"
    with running(plan) as system, path.open("w", encoding="utf-8") as lines:
        write(lines, "plan", {**asdict(plan), "at": datetime.now(UTC).isoformat()})
        return asyncio.run(_run(plan, system, lines, path))


async def _run(plan: Plan, system: Running, lines: Any, path: Path) -> Result:
    traffic = Traffic(system.port, system.key)
    await traffic.open_articles()
    capacity = await measure_capacity(plan, system, traffic)
    rate = plan.load * capacity
    write(lines, "capacity", {"per_second": capacity, "rate": rate})
    tell(f"capacity {capacity:.0f} comments/s: {plan.minutes:g} minutes at {rate:.0f}/s begin")
    samples, feed, desks = await _soak(plan, system, traffic, rate, lines)
    await drained(system)
    checks = await soak_checks.look(system.database, system.port, system.key, traffic, feed)
    write(lines, "checks", asdict(checks))
    counted = {"done": dict(traffic.done), "failed": dict(traffic.failed), "refused": len(traffic.refused)}
    counted |= {
        "decided_at_the_desk": sum(d.decided for d in desks),
        "refused_at_the_desk": sum(d.refused for d in desks),
    }
    write(lines, "counted", counted)
    path.with_suffix(".svg").write_text(draw(samples, title(plan, rate)), encoding="utf-8")
    return result(plan, capacity, samples, checks, counted)


async def measure_capacity(plan: Plan, system: Running, traffic: Traffic) -> float:
    """Comments per second that are posted one by one and decided, while a backlog keeps the workers busy."""
    loop, ahead = asyncio.get_running_loop(), [0]
    for _ in range(WARM_UP):
        await traffic.comment()
    await drained(system)
    tell(f"measuring the capacity for {plan.capacity_s:g} s")
    until = time.perf_counter() + plan.capacity_s * 1.2

    async def watch() -> None:
        while time.perf_counter() < until:
            ahead[0] = (await loop.run_in_executor(None, system.waiting))[0]
            await asyncio.sleep(0.25)

    async def count() -> float:
        await asyncio.sleep(plan.capacity_s * 0.2)  # the backlog is there by then
        since = datetime.now(UTC)
        await asyncio.sleep(plan.capacity_s)
        made = await loop.run_in_executor(None, system.decided, since)
        return made / (datetime.now(UTC) - since).total_seconds()

    _, _, found = await asyncio.gather(watch(), traffic.comments_while(lambda: ahead[0] < AHEAD, until), count())
    await drained(system)
    traffic.seconds.clear()
    return found


async def _soak(
    plan: Plan, system: Running, traffic: Traffic, rate: float, lines: Any
) -> tuple[list[Sample], FeedReader, list[Desk]]:
    started = time.perf_counter()
    until = started + plan.minutes * 60

    def is_over() -> bool:
        return time.perf_counter() >= until

    feed = FeedReader(system.port, system.key)
    desks = [Desk(system.port, f"moderator-{n}@example.org", PASSWORD, DECIDES_EVERY_S) for n in range(MODERATORS)]
    samples: list[Sample] = []

    async def watch() -> None:
        since, number = datetime.now(UTC), 0
        while not is_over():
            number += 1
            await asyncio.sleep(min(max(0.0, started + number * plan.every_s - time.perf_counter()), plan.every_s))
            taken, traffic.seconds = traffic.seconds, []
            take = partial(_sample, system, (time.perf_counter() - started) / 60, sorted(taken), since)
            since = datetime.now(UTC)
            samples.append(await asyncio.get_running_loop().run_in_executor(None, take))
            write(lines, "sample", asdict(samples[-1]))
            if number % 6 == 0:
                tell(f"minute {samples[-1].minute:.0f} of {plan.minutes:g}: {samples[-1].waiting} waiting")

    works = [traffic.comments_at(rate, until), feed.read_until(is_over), watch()]
    await asyncio.gather(*works, *(desk.work_until(is_over) for desk in desks))
    return samples, feed, desks


def _sample(system: Running, minute: float, posts: list[float], since: datetime) -> Sample:
    waiting, oldest_s = system.waiting()
    delays = system.delays(since)
    return Sample(
        minute=minute,
        processes=census(system.process.pid, *system.database_pids),
        depths=system.queues.depths(),
        waiting=waiting,
        oldest_s=oldest_s,
        posted=len(posts),
        post_p50_s=percentile(posts or [0.0], 0.5),
        post_p95_s=percentile(posts or [0.0], 0.95),
        decided=len(delays),
        decision_p50_s=percentile(delays or [0.0], 0.5),
        decision_p95_s=percentile(delays or [0.0], 0.95),
    )


async def drained(system: Running) -> None:
    """Raises TimeoutError when comments still wait long after the last was sent."""
    until = time.perf_counter() + DRAINED_WITHIN_S
    while (left := system.waiting()[0]) > 0:
        if time.perf_counter() > until:
            raise TimeoutError(f"{left} comments still wait: see {system.folder / 'log'}")
        await asyncio.sleep(0.2)


def result(
    plan: Plan, capacity: float, samples: list[Sample], checks: soak_checks.Checks, counted: dict[str, Any]
) -> Result:
    trends = {name: trend(samples, name) for name in names(samples)}
    rows = [[name, *row_of(samples, name, found)] for name, found in trends.items()]
    worst = max((s.decision_p95_s for s in samples), default=0.0)
    lines = [
        f"capacity {capacity:.0f} comments/s; {plan.minutes:g} minutes at {plan.load:.0%} of it, {plan.kind}",
        f"most that waited at a sample: {max((s.waiting for s in samples), default=0)}, "
        f"oldest {max((s.oldest_s for s in samples), default=0):.1f} s",
        f"from arrival to decision: median of the samples' p95 "
        f"{percentile(sorted(s.decision_p95_s for s in samples), 0.5) * 1000:.0f} ms, worst {worst * 1000:.0f} ms",
        f"counted: {counted}",
        f"checked: {checks.comments:,} comments, {checks.decisions:,} decisions, {checks.events:,} events of the feed",
    ]
    values = {"plan": asdict(plan), "capacity": capacity, "checks": asdict(checks), "counted": counted}
    values["slopes_kib_per_minute"] = {n: asdict(t) if t else None for n, t in trends.items()}
    columns = ("process", "first MiB", "last MiB", "KiB/min", "± error", "descriptors", "threads")
    return Result(f"soak-{plan.kind}", columns, rows, lines, values, checks.failures())


def trend(samples: list[Sample], name: str) -> Slope | None:
    settled = [s for s in samples[int(len(samples) * SETTLING_SHARE) :] if name in s.processes]
    return slope([s.minute for s in settled], [s.processes[name].memory_kib for s in settled])


def row_of(samples: list[Sample], name: str, found: Slope | None) -> list[str]:
    held = [s.processes[name] for s in samples if name in s.processes]
    fds, threads = [h.descriptors for h in held], [h.threads for h in held]
    return [
        f"{held[0].memory_kib / 1024:.0f}",
        f"{held[-1].memory_kib / 1024:.0f}",
        f"{found.per_unit:+.1f}" if found else "–",
        f"{found.error:.1f}" if found else "–",
        f"{min(fds)}–{max(fds)}",
        f"{min(threads)}–{max(threads)}",
    ]


def names(samples: list[Sample]) -> list[str]:
    return sorted({name for s in samples for name in s.processes})


def title(plan: Plan, rate: float) -> str:
    return f"{plan.minutes:g} minutes at {rate:.0f} comments a second, {plan.load:.0%} of capacity, on {plan.kind}"


def draw(samples: list[Sample], said: str) -> str:
    every = names(samples)

    def over_time(pick: str, divisor: float = 1) -> dict[str, list[tuple[float, float]]]:
        return {
            name: [(s.minute, getattr(s.processes[name], pick) / divisor) for s in samples if name in s.processes]
            for name in every
        }

    felt = {
        "p50": [(s.minute, s.decision_p50_s * 1000) for s in samples if s.decided],
        "p95": [(s.minute, s.decision_p95_s * 1000) for s in samples if s.decided],
    }
    panels = [
        Panel("Memory, MiB (proportional share)", over_time("memory_kib", 1024)),
        Panel("Open descriptors", over_time("descriptors")),
        Panel("From arrival to decision, ms", felt),
        Panel("Comments waiting", {"waiting": [(s.minute, float(s.waiting)) for s in samples]}),
    ]
    return svg(said, panels)


def redraw(path: Path) -> Path:
    """Draws a run from its lines, also one that was cut off. Returns where the picture lies."""
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    plan = Plan(**{k: v for k, v in said[0]["plan"].items() if k != "at"})
    rate = next((line["capacity"]["rate"] for line in said if "capacity" in line), 0.0)
    samples = [sample_from(line["sample"]) for line in said if "sample" in line]
    drawn = path.with_suffix(".svg")
    drawn.write_text(draw(samples, title(plan, rate)), encoding="utf-8")
    return drawn


def sample_from(said: dict[str, Any]) -> Sample:
    return Sample(**{**said, "processes": {name: Held(**held) for name, held in said["processes"].items()}})


def write(lines: Any, kind: str, said: dict[str, Any]) -> None:
    print(json.dumps({kind: said}), file=lines, flush=True)


@contextmanager
def running(plan: Plan) -> Iterator[Running]:
    """What ``./run.sh up`` starts, in a folder of its own, and its database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gavel-soak-")))
        store = folder / "database"
        url = stack.enter_context(database_url(plan.kind, store))
        port = free_port()
        own = {
            "GAVEL_HOME": str(folder),
            "PORT": str(port),
            "DATABASE_URL": url,
            "RATE_LIMIT_PER_MINUTE": "0",
            "GAVEL_DEMO": "yes",
        }
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("REDIS_URL", "DATABASE_URL"))}
        command = [sys.executable, "-m", "workers.local", "up", "--workers", str(plan.workers)]
        with (folder / "up.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env={**environ, **own}, stdout=log, stderr=log)
        stack.callback(process.wait, 60)
        stack.callback(process.terminate)
        _until_up(process, folder / "up.log")
        database = Database(url)
        stack.callback(database.close)
        yield Running(folder, port, database, process, database_pids=_pids_of_postgres(store))


def _until_up(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while "Gavel is up" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            raise TimeoutError(f"Gavel did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _pids_of_postgres(store: Path) -> tuple[int, ...]:
    file = store / "postgres" / "postmaster.pid"
    return (int(file.read_text().splitlines()[0]),) if file.exists() else ()
