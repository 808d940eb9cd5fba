"""Workers of a plant: started, paused, resumed and weighed together."""

from __future__ import annotations

import signal
import subprocess
import time

import sqlalchemy as sa
from rq import Worker

from bench.census import census
from bench.plant import Plant
from moderation.ground.values.comments import Lane
from moderation.spine.comments.tables import comments


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
    by_name = census(*(process.pid for process in built.processes))
    return tuple(held.memory_kib / 1024 for name, held in by_name.items() if name.startswith("worker"))


def queue_mib(built: Plant) -> float:
    return sum(held.memory_kib for held in census(built.server.process.pid).values()) / 1024
