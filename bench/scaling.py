"""The gain from more workers, the draining of a backlog beside a reader, and the time to recover from a failure."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
from rq import Worker

from bench.census import census
from bench.databases import ChosenKind, ChosenKinds, Kind, database_url
from bench.figures import in_ms, percentile, ratio
from bench.options import Option
from bench.plant import Plant, plant
from bench.report import Result, tell
from moderation.arriving import intake
from moderation.comments.tables import comments
from moderation.values.comments import Lane
from workers.machine import queue_server

LIVE_EVERY_S = 0.2
NEARLY_DRAINED = 50
SWEEPS = {"SWEEP_INTERVAL_S": "5", "SWEEP_AGE_S": "5"}


@dataclass(frozen=True, slots=True)
class ScalingPlan:
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
class RecoveryPlan:
    comments: Annotated[int, Option()] = 200
    kind: ChosenKind = Kind.SQLITE
    within_s: float = 180


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


def measure_scaling(plan: ScalingPlan) -> Result:
    """Throughput by workers on each database: workers add up to the number of cores, and not beyond."""
    found = {kind: [throughput(plan, workers, kind) for workers in plan.fleets] for kind in plan.kinds}
    rows = [
        [
            f"{kind}, {each.workers} workers",
            f"{each.per_second:.0f}",
            ratio(each.per_second, measured[0].per_second),
            f"{max(each.worker_mib):.0f}",
            f"{each.all_mib:.0f}",
        ]
        for kind, measured in found.items()
        for each in measured
    ]
    columns = ("what", "comments/s", f": {plan.fleets[0]} workers", "largest worker MiB", "all MiB")
    values = {
        "plan": asdict(plan),
        "found": {kind: [asdict(each) for each in each_kind] for kind, each_kind in found.items()},
    }
    lines = [f"{plan.comments:,} comments a fleet; memory is the proportional share"]
    return Result("scaling", columns, rows, lines, values)


def throughput(plan: ScalingPlan, workers: int, kind: Kind) -> Throughput:
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
            said = intake.Submission("export-controls", "reader-1", f"Live number {number} asks about magnets.")
            now = datetime.now(UTC)
            intake.submit(built.database, built.queues, built.site_id, said, lane=Lane.LIVE, now=now)
            number += 1
            if number % 50 == 0:
                tell(f"{built.waiting():,} wait")
            time.sleep(LIVE_EVERY_S)
        built.wait_until_decided(within_s=60)
        return Drained(time.perf_counter() - started, live_latencies(built), worker_mib(built))


def measure_recovery(plan: RecoveryPlan) -> Result:
    """Compares with the same comments decided without a disturbance."""
    undisturbed = undisturbed_s(plan)
    found = {
        "nothing happens": undisturbed,
        "a worker killed amid a batch, another one started": recovery_from_a_killed_worker(plan),
        "the queue server back without its data": recovery_from_an_empty_queue(plan),
    }
    rows = [[name, f"{seconds:.1f}", ratio(seconds, undisturbed)] for name, seconds in found.items()]
    lines = [f"{plan.comments} comments, {plan.kind}; a sweep every 5 s; a batch is given up after 10 s and 10 more"]
    return Result(
        "recovery",
        ("until all is decided", "s", ": undisturbed"),
        rows,
        lines,
        {"plan": asdict(plan), "seconds": found},
    )


def undisturbed_s(plan: RecoveryPlan) -> float:
    with database_url(plan.kind) as url, plant(url) as built:
        tell("no disturbance")
        start_workers(built, 1, **SWEEPS)
        built.submit(plan.comments)
        return built.wait_until_decided(within_s=plan.within_s)


def recovery_from_a_killed_worker(plan: RecoveryPlan) -> float:
    """Seconds from ``kill -9`` in the middle of a batch, with another one started at once, until nothing waits."""
    with database_url(plan.kind) as url, plant(url) as built:
        tell("a worker is killed")
        (worker,) = start_workers(built, 1, **SWEEPS, BATCH_TIMEOUT_S="10")
        built.start("workers", "sweep", **SWEEPS)
        built.submit(plan.comments)
        until = time.monotonic() + plan.within_s
        while built.queues.redis.zcard("rq:wip:bulk") == 0:
            if time.monotonic() > until:
                raise TimeoutError("no batch was begun")
            time.sleep(0.005)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        built.start("workers", **SWEEPS, BATCH_TIMEOUT_S="10")
        return built.wait_until_decided(within_s=plan.within_s)


def recovery_from_an_empty_queue(plan: RecoveryPlan) -> float:
    """Seconds from the queue server's return without its data until nothing waits."""
    with database_url(plan.kind) as url, plant(url) as built:
        tell("the queue server loses its data")
        start_workers(built, 1, **SWEEPS)
        built.start("workers", "sweep", **SWEEPS)
        pause_workers(built)
        built.submit(plan.comments)
        built.server.process.kill()
        built.server.process.wait()
        built.server = queue_server.start(built.folder / "queue-again", built.server.port)
        resume_workers(built)
        return built.wait_until_decided(within_s=plan.within_s)


def start_workers(built: Plant, count: int, **environment: str) -> list[subprocess.Popen[bytes]]:
    """Returns when all are listening to the queues."""
    started = [built.start("workers", **environment) for _ in range(count)]
    until = time.monotonic() + 120
    while len(Worker.all(connection=built.queues.redis)) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"the workers did not start: see {built.folder / 'processes.log'}")
        time.sleep(0.1)
    return started


def pause_workers(built: Plant) -> None:
    for process in built.processes:
        process.send_signal(signal.SIGSTOP)


def resume_workers(built: Plant) -> None:
    for process in built.processes:
        process.send_signal(signal.SIGCONT)


def live_latencies(built: Plant) -> tuple[float, ...]:
    query = sa.select(comments.c.received_at, comments.c.updated_at).where(comments.c.lane == Lane.LIVE)
    with built.database.read() as conn:
        return tuple(sorted((r.updated_at - r.received_at).total_seconds() for r in conn.execute(query)))


def worker_mib(built: Plant) -> tuple[float, ...]:
    found = census(*(process.pid for process in built.processes))
    return tuple(held.memory_kib / 1024 for name, held in found.items() if name.startswith("worker"))


def queue_mib(built: Plant) -> float:
    return sum(held.memory_kib for held in census(built.server.process.pid).values()) / 1024
