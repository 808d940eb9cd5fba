"""An hour of an ordinary day at a share of what the machine can do, with everything as ``./run.sh up`` starts it.

It looks for faults that only time shows: growing memory, descriptors or queues, and lost comments. It writes each
sample at once, so that a run that was cut off keeps its samples.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench import Option, Result, Slope, percentile, slope, tell
from bench.census import Held, census
from bench.load import Wire, bearer
from bench.plant import ChosenKind, Kind
from bench.soak.readers import Desk, FeedReader
from bench.soak.running import MODERATORS, PASSWORD, Running, moderator, running
from bench.soak.traffic import Traffic
from moderation.ground.database.engine import Database
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events.tables import events

AHEAD = 300  # comments that wait while the capacity is measured, so that the worker never has to
WARM_UP = 64
DRAINED_WITHIN_S = 300.0
DECIDES_EVERY_S = 3.0


def measure(plan: Plan, out: Path) -> Result:
    """Runs for ``plan.minutes`` and about two more. Leaves ``soak-KIND.jsonl`` in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"soak-{plan.kind}.jsonl"
    with running(plan.kind, plan.workers) as system, path.open("w", encoding="utf-8") as lines:
        write(lines, "plan", {**asdict(plan), "at": datetime.now(UTC).isoformat()})
        return asyncio.run(_run(plan, system, lines))


async def _run(plan: Plan, system: Running, lines: TextIO) -> Result:
    traffic = Traffic(system.port, system.key)
    await traffic.open_articles()
    capacity = await measure_capacity(plan, system, traffic)
    rate = plan.load * capacity
    write(lines, "capacity", {"per_second": capacity, "rate": rate})
    tell(f"capacity {capacity:.0f} comments/s: {plan.minutes:g} minutes at {rate:.0f}/s begin")
    samples, feed, desks = await _soak(plan, system, traffic, rate, lines)
    await drained(system)
    checks = await look(system.database, system.port, system.key, traffic, feed)
    write(lines, "checks", asdict(checks))
    counted: dict[str, Any] = {"done": dict(traffic.done), "failed": dict(traffic.failed)}
    counted["refused"] = dict(Counter(traffic.refused.values()))  # by HTTP status
    counted |= {
        "decided_at_the_desk": sum(d.decided for d in desks),
        "refused_at_the_desk": sum(d.refused for d in desks),
    }
    write(lines, "counted", counted)
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
        await asyncio.sleep(plan.capacity_s * 0.2)  # the backlog exists by then
        since = datetime.now(UTC)
        await asyncio.sleep(plan.capacity_s)
        decided = await loop.run_in_executor(None, system.decided, since)
        return max(decided, 1) / (datetime.now(UTC) - since).total_seconds()  # a slow machine is soaked slowly

    _, _, capacity = await asyncio.gather(watch(), traffic.comments_while(lambda: ahead[0] < AHEAD, until), count())
    await drained(system)
    traffic.seconds.clear()
    return capacity


async def _soak(
    plan: Plan, system: Running, traffic: Traffic, rate: float, lines: TextIO
) -> tuple[list[Sample], FeedReader, list[Desk]]:
    started = time.perf_counter()
    until = started + plan.minutes * 60

    def is_over() -> bool:
        return time.perf_counter() >= until

    feed = FeedReader(system.port, system.key)
    desks = [Desk(system.port, moderator(n), PASSWORD, DECIDES_EVERY_S) for n in range(MODERATORS)]
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
    """Raises TimeoutError if comments still wait long after the last was sent."""
    until = time.perf_counter() + DRAINED_WITHIN_S
    while (left := system.waiting()[0]) > 0:
        if time.perf_counter() > until:
            raise TimeoutError(f"{left} comments still wait: see {system.folder / 'log'}")
        await asyncio.sleep(0.2)


SETTLING_SHARE = 0.1  # of the time, left out of the slopes: caches fill, allocators find their size


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: Annotated[float, Option()] = 60
    load: Annotated[float, Option("share of the capacity (default: %(default)s)")] = 0.7
    capacity_s: Annotated[float, Option("how long it is measured", name="capacity_seconds")] = 60
    every_s: Annotated[float, Option("seconds between samples", name="every", metavar="S")] = 10
    kind: ChosenKind = Kind.SQLITE
    workers: Annotated[int, Option()] = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The state at a moment, and the delays since the previous sample: seconds, 0 if there were none."""

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


def result(plan: Plan, capacity: float, samples: list[Sample], checks: Checks, counted: dict[str, Any]) -> Result:
    trends = {name: trend(samples, name) for name in names(samples)}
    rows = [[name, *row_of(samples, name, growth)] for name, growth in trends.items()]
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


def row_of(samples: list[Sample], name: str, growth: Slope | None) -> list[str]:
    held = [s.processes[name] for s in samples if name in s.processes]
    fds, threads = [h.descriptors for h in held], [h.threads for h in held]
    return [
        f"{held[0].memory_kib / 1024:.0f}",
        f"{held[-1].memory_kib / 1024:.0f}",
        f"{growth.per_unit:+.1f}" if growth else "–",
        f"{growth.error:.1f}" if growth else "–",
        f"{min(fds)}–{max(fds)}",
        f"{min(threads)}–{max(threads)}",
    ]


def names(samples: list[Sample]) -> list[str]:
    return sorted({name for s in samples for name in s.processes})


def write(lines: TextIO, kind: str, said: dict[str, Any]) -> None:
    print(json.dumps({kind: said}), file=lines, flush=True)


TOLD_WITHIN_S = 300.0  # moderators' decisions are held back for an undo, and a slow machine's sweeper is late


@dataclass(frozen=True, slots=True)
class Checks:
    comments: int
    decisions: int
    events: int  # of the feed
    lost: int  # accepted and not stored
    unsent: int  # stored and never accepted
    waiting: int
    undecided: int  # without a decision for the present version
    decided_twice: int  # versions
    decisions_untold: int
    decisions_told_twice: int
    feed_gaps: int
    feed_left_out: int
    refused: int

    def failures(self) -> Sequence[str]:
        wrong = {
            "accepted comments that are not stored": self.lost,
            "stored comments that were never accepted": self.unsent,
            "comments still waiting": self.waiting,
            "comments whose version no decision made": self.undecided,
            "versions decided twice": self.decided_twice,
            "decisions without an event": self.decisions_untold,
            "decisions with two events": self.decisions_told_twice,
            "gaps in the feed": self.feed_gaps,
            "events left out of the feed": self.feed_left_out,
            "comments refused": self.refused,
        }
        return [f"{count:,} {what}" for what, count in wrong.items() if count]


async def look(database: Database, port: int, key: str, traffic: Traffic, feed: FeedReader) -> Checks:
    """Reads the feed to its end first."""
    await _told(database)
    await feed.read_to_end(Wire(port, bearer(key)))
    with database.read() as conn:
        return _count(conn, traffic, feed)


def _count(conn: Connection, traffic: Traffic, feed: FeedReader) -> Checks:
    stored = set(conn.execute(sa.select(comments.c.external_id)).scalars())
    accepted = {f"s-{number}" for number in range(traffic.sent) if number not in traffic.refused}
    deciding = sa.and_(decisions.c.comment_id == comments.c.id, decisions.c.version == comments.c.version - 1)
    twice = sa.select(decisions.c.comment_id).group_by(decisions.c.comment_id, decisions.c.version)
    told = sa.select(events.c.decision_id).where(events.c.decision_id.is_not(None)).group_by(events.c.decision_id)
    more_than_one = sa.func.count() > 1
    in_feed = events.c.sequence.is_not(None)
    return Checks(
        comments=len(stored),
        decisions=_rows(conn, sa.select(decisions.c.id)),
        events=feed.last,
        lost=len(accepted - stored),
        unsent=len(stored - accepted),
        waiting=_rows(conn, sa.select(comments.c.id).where(comments.c.status == "waiting")),
        undecided=_rows(conn, sa.select(comments.c.id).where(~sa.exists().where(deciding))),
        decided_twice=_rows(conn, twice.having(more_than_one)),
        decisions_untold=_rows(
            conn, sa.select(decisions.c.id).where(~sa.exists().where(events.c.decision_id == decisions.c.id))
        ),
        decisions_told_twice=_rows(conn, told.having(more_than_one)),
        feed_gaps=feed.gaps,
        feed_left_out=_rows(conn, sa.select(events.c.id).where(in_feed)) - feed.last + _rows(conn, _unreleased()),
        refused=len(traffic.refused),
    )


async def _told(database: Database) -> None:
    until = time.perf_counter() + TOLD_WITHIN_S
    while time.perf_counter() < until:
        with database.read() as conn:
            if not _rows(conn, _unreleased()):
                return
        await asyncio.sleep(0.5)


def _unreleased() -> sa.Select[tuple[str]]:
    return sa.select(events.c.id).where(events.c.sequence.is_(None), events.c.cancelled_at.is_(None))


def _rows(conn: Connection, query: sa.Select[tuple[str]]) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
