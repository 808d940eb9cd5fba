"""The time until all is decided after a worker was killed, or after the queue server lost its data."""

from __future__ import annotations

import signal
import time
from dataclasses import asdict, dataclass
from typing import Annotated

from bench import Option, Result, ratio, tell
from bench.fleet import pause_workers, resume_workers, start_workers
from bench.plant import ChosenKind, Kind, database_url, plant
from workers.machine import queue_server

SWEEPS = {"SWEEP_INTERVAL_S": "5", "SWEEP_AGE_S": "5"}


@dataclass(frozen=True, slots=True)
class Plan:
    comments: Annotated[int, Option()] = 200
    kind: ChosenKind = Kind.SQLITE
    within_s: float = 180


def measure(plan: Plan) -> Result:
    """Compares with the same comments decided without a disturbance."""
    undisturbed = undisturbed_s(plan)
    times = {
        "nothing happens": undisturbed,
        "a worker killed amid a batch, another one started": recovery_from_a_killed_worker(plan),
        "the queue server back without its data": recovery_from_an_empty_queue(plan),
    }
    rows = [[name, f"{seconds:.1f}", ratio(seconds, undisturbed)] for name, seconds in times.items()]
    lines = [f"{plan.comments} comments, {plan.kind}; a sweep every 5 s; a batch is given up after 10 s and 10 more"]
    return Result(
        "recovery",
        ("until all is decided", "s", ": undisturbed"),
        rows,
        lines,
        {"plan": asdict(plan), "seconds": times},
    )


def undisturbed_s(plan: Plan) -> float:
    with database_url(plan.kind) as url, plant(url) as built:
        tell("no disturbance")
        start_workers(built, 1, **SWEEPS)
        built.submit(plan.comments)
        return built.wait_until_decided(within_s=plan.within_s)


def recovery_from_a_killed_worker(plan: Plan) -> float:
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


def recovery_from_an_empty_queue(plan: Plan) -> float:
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
