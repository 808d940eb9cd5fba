"""An hour of an ordinary day at a share of what the machine can do, with everything as ``./run.sh up`` starts it.

It looks for faults that only time shows: growing memory, descriptors or queues, and lost comments. It writes each
sample at once, so that a run that was cut off keeps its samples.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from bench import soak_checks
from bench.census import census
from bench.figures import percentile
from bench.report import Result, tell
from bench.running import MODERATORS, PASSWORD, Running, moderator, running
from bench.soak_report import Plan, Sample, draw, result, title, write
from bench.traffic import Desk, FeedReader, Traffic

AHEAD = 300  # comments that wait while the capacity is measured, so that the worker never has to
WARM_UP = 64
DRAINED_WITHIN_S = 300.0
DECIDES_EVERY_S = 3.0


def measure(plan: Plan, out: Path) -> Result:
    """Runs for ``plan.minutes`` and about two more. Leaves ``soak-KIND.jsonl`` and ``.svg`` in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"soak-{plan.kind}.jsonl"
    with running(plan.kind, plan.workers) as system, path.open("w", encoding="utf-8") as lines:
        write(lines, "plan", {**asdict(plan), "at": datetime.now(UTC).isoformat()})
        return asyncio.run(_run(plan, system, lines, path))


async def _run(plan: Plan, system: Running, lines: TextIO, path: Path) -> Result:
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
        await asyncio.sleep(plan.capacity_s * 0.2)  # the backlog exists by then
        since = datetime.now(UTC)
        await asyncio.sleep(plan.capacity_s)
        made = await loop.run_in_executor(None, system.decided, since)
        return made / (datetime.now(UTC) - since).total_seconds()

    _, _, found = await asyncio.gather(watch(), traffic.comments_while(lambda: ahead[0] < AHEAD, until), count())
    await drained(system)
    traffic.seconds.clear()
    return found


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
