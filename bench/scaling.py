"""The gain from more workers, and the draining of a backlog beside a reader."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

from bench import Option, Result, in_ms, percentile, ratio, tell
from bench.fleet import live_latencies, pause_workers, queue_mib, resume_workers, start_workers, worker_mib
from bench.plant import ChosenKind, ChosenKinds, Kind, database_url, plant
from moderation.ground.values.comments import Lane
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission

LIVE_EVERY_S = 0.2
NEARLY_DRAINED = 50


@dataclass(frozen=True, slots=True)
class Plan:
    fleets: Annotated[tuple[int, ...], Option(name="workers", metavar="N")] = (1, 2, 4)
    comments: Annotated[int, Option("for each fleet (default: %(default)s)")] = 2_000
    kinds: ChosenKinds = tuple(Kind)
    within_s: float = 300  # for each fleet


@dataclass(frozen=True, slots=True)
class BacklogPlan:
    comments: Annotated[int, Option("(default: %(default)s)")] = 20_000
    workers: Annotated[int, Option()] = 2
    kind: ChosenKind = Kind.SQLITE
    within_s: Annotated[float, Option("seconds after which it fails", name="within", metavar="S")] = 600


@dataclass(frozen=True, slots=True)
class Throughput:
    """A fleet's rate from a full queue to committed decisions, with the models loaded before."""

    workers: int
    per_second: float
    worker_mib: tuple[float, ...]  # of each, shared pages divided
    all_mib: float  # workers and queue server


@dataclass(frozen=True, slots=True)
class Drained:
    """A backlog of imports, and readers who wrote while it drained. Seconds and MiB."""

    seconds: float
    live: tuple[float, ...]  # from arrival to decision, sorted
    worker_mib: tuple[float, ...]


def measure(plan: Plan) -> Result:
    """Throughput by workers on each database: workers add up to the number of cores, and not beyond."""
    fleets = {kind: [throughput(plan, workers, kind) for workers in plan.fleets] for kind in plan.kinds}
    rows = [
        [
            f"{kind}, {fleet.workers} workers",
            f"{fleet.per_second:.0f}",
            ratio(fleet.per_second, measured[0].per_second),
            f"{max(fleet.worker_mib):.0f}",
            f"{fleet.all_mib:.0f}",
        ]
        for kind, measured in fleets.items()
        for fleet in measured
    ]
    columns = ("what", "comments/s", f": {plan.fleets[0]} workers", "largest worker MiB", "all MiB")
    values = {
        "plan": asdict(plan),
        "found": {kind: [asdict(fleet) for fleet in each_kind] for kind, each_kind in fleets.items()},
    }
    lines = [f"{plan.comments:,} comments a fleet; memory is the proportional share"]
    return Result("scaling", columns, rows, lines, values)


def throughput(plan: Plan, workers: int, kind: Kind) -> Throughput:
    with database_url(kind) as url, plant(url) as built:
        tell(f"{kind}: {workers} workers")
        start_workers(built, workers)
        pause_workers(built)
        built.submit(plan.comments)
        started = time.perf_counter()
        resume_workers(built)
        built.wait_until_decided(within_s=plan.within_s)
        per_second = plan.comments / (time.perf_counter() - started)
        held = worker_mib(built)
        return Throughput(workers, per_second, held, sum(held) + queue_mib(built))


def measure_draining(plan: BacklogPlan) -> Result:
    """A backlog in ``bulk`` while a reader writes every 200 ms into ``live``, beside the same reader without one."""
    quiet, drained = drain(plan, 0), drain(plan, plan.comments)
    rows = [
        [
            name,
            *(in_ms(percentile(d.live, s)) for s in (0.5, 0.95, 0.99)),
            ratio(percentile(d.live, 0.95), percentile(quiet.live, 0.95)),
        ]
        for name, d in (("without a backlog", quiet), (f"behind {plan.comments:,} comments", drained))
    ]
    lines = [
        f"{plan.comments:,} comments drained by {plan.workers} workers on {plan.kind} in {drained.seconds:.0f} s, "
        f"{plan.comments / drained.seconds:.0f}/s",
        f"{len(drained.live)} live comments meanwhile, one every {LIVE_EVERY_S * 1000:.0f} ms",
        f"the larger worker holds {max(drained.worker_mib):.0f} MiB",
    ]
    values = {"plan": asdict(plan), "quiet": asdict(quiet), "drained": asdict(drained)}
    columns = ("live comments", "p50 ms", "p95 ms", "p99 ms", "p95 : without")
    return Result("draining", columns, rows, lines, values)


def drain(plan: BacklogPlan, backlog: int) -> Drained:
    """Without a backlog it measures the reader for 20 seconds."""
    with database_url(plan.kind) as url, plant(url) as built:
        start_workers(built, plan.workers)
        pause_workers(built)
        tell(f"filling in {backlog:,} comments")
        built.submit(backlog)
        started, least = time.perf_counter(), 0.0 if backlog else 20.0
        resume_workers(built)
        number = 0
        while time.perf_counter() - started < least or built.waiting() > NEARLY_DRAINED:
            if time.perf_counter() - started > plan.within_s:
                raise TimeoutError(f"{built.waiting()} comments still wait after {plan.within_s:g} s")
            said = Submission("export-controls", "reader-1", f"Live number {number} asks about magnets.")
            now = datetime.now(UTC)
            intake.submit(built.database, built.queues, built.site_id, said, lane=Lane.LIVE, now=now)
            number += 1
            if number % 50 == 0:
                tell(f"{built.waiting():,} wait")
            time.sleep(LIVE_EVERY_S)
        built.wait_until_decided(within_s=60)
        return Drained(time.perf_counter() - started, live_latencies(built), worker_mib(built))
