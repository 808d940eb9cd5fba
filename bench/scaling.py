"""The gain from more workers and their memory, the draining of a backlog beside a reader, and the time to recover from
a failure. Memory is read from ``/proc``, so on Linux only."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from rq import Worker

from bench import Option, Result, in_ms, percentile, ratio, tell
from bench.plant import ChosenKind, ChosenKinds, Kind, Plant, database_url, plant, process_s
from moderation.arriving import intake
from moderation.comments.tables import comments
from moderation.values.comments import Lane
from workers.machine import queue_server
from workers.scoring.engines.weights import NGRAMS_FILE, ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, Places

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


SERVED = frozenset({ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, NGRAMS_FILE})
"""The files of a folder of weights that a worker opens; the others are sources of these, and cards."""

_LINE = re.compile(r"^(Pss|Private_Clean|Private_Dirty|Shared_Clean|Shared_Dirty):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    workers: Annotated[tuple[int, ...], Option(metavar="N")] = (1, 4)
    # for all workers together, so that they read the same languages
    comments: Annotated[int, Option("for all of them (default: %(default)s)")] = 400


@dataclass(frozen=True, slots=True)
class WorkerMemory:
    """MiB of one worker that has scored. The proportional share divides shared pages among those who have them."""

    proportional: float
    private: float
    shared: float
    start_s: float  # of the processor, until it listens


def measure_memory(plan: MemoryPlan) -> Result:
    """A row for each number of workers, with the mean of a worker and the sum of all."""
    found = {count: memory_of_fleet(count, plan.comments) for count in plan.workers}
    rows = [_row_of_memory(count, each) for count, each in found.items()]
    sizes = served_mib()
    lines = [f"on the disk, {name}: {mib:.1f} MiB that workers open" for name, mib in sizes.items()]
    columns = ("workers", "all, proportional MiB", "one, proportional", "private", "shared", "start, s of processor")
    values = {
        "plan": asdict(plan),
        "held": {count: [asdict(one) for one in each] for count, each in found.items()},
        "on_disk_mib": sizes,
    }
    return Result("memory", columns, rows, lines, values=values)


def memory_of_fleet(count: int, comments: int) -> list[WorkerMemory]:
    """All start, and then score together."""
    with plant() as built:
        tell(f"{count} workers")
        workers = start_workers(built, count)
        spent = [process_s(worker.pid) for worker in workers]
        pause_workers(built)
        built.submit(comments)
        resume_workers(built)
        built.wait_until_decided(within_s=300)
        return [_memory_of(worker.pid, start_s) for worker, start_s in zip(workers, spent, strict=True)]


def served_mib() -> dict[str, float]:
    """Of each bundled folder of weights."""
    folders = sorted(folder for folder in Places.of(None, None).models.iterdir() if folder.is_dir())
    return {folder.name: sum(_sizes(folder)) / 2**20 for folder in folders}


def _sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.iterdir() if file.name in SERVED)


def _memory_of(pid: int, start_s: float) -> WorkerMemory:
    kib = {name: int(size) for name, size in _LINE.findall((PROC / str(pid) / "smaps_rollup").read_text())}
    return WorkerMemory(kib["Pss"] / 1024, _sum_mib(kib, "Private"), _sum_mib(kib, "Shared"), start_s)


def _sum_mib(kib: Mapping[str, int], kind: str) -> float:
    return sum(size for name, size in kib.items() if name.startswith(kind)) / 1024


def _row_of_memory(count: int, each: list[WorkerMemory]) -> list[str]:
    mean = [sum(values) / count for values in zip(*((h.proportional, h.private, h.shared) for h in each), strict=True)]
    start = sum(one.start_s for one in each) / count
    return [str(count), f"{mean[0] * count:.0f}", *(f"{value:.0f}" for value in mean), f"{start:.1f}"]


PROC = Path("/proc")
NAMES = (  # the first part that a command line contains names the process
    ("queue", re.compile(r"(valkey|redis)-server")),
    ("sweeper", re.compile(r"-m workers sweep")),
    ("deliver", re.compile(r"-m workers deliver")),
    ("answer", re.compile(r"-m (workers|gavel) answer")),
    ("supervisor", re.compile(r"-m gavel up")),
    ("worker", re.compile(r"-m workers\b")),
    ("web", re.compile(r"-m service serve|gavel-web")),
    ("postgres", re.compile(r"postgres")),
)
MANY = frozenset({"postgres"})  # dozens that come and go: counted together


@dataclass(frozen=True, slots=True)
class Held:
    """One process, or several that are counted as one. Memory is the proportional share: shared pages are divided."""

    memory_kib: int
    descriptors: int
    threads: int
    processes: int = 1


def census(*roots: int) -> dict[str, Held]:
    """The roots and every process below them, by name; processes of a kind are numbered by age."""
    parents = dict(_parents())
    members = sorted({pid for root in roots for pid in _tree(root, parents)})
    names = {pid: name for pid in members if (name := _name_of(pid))}
    web_parents = {parents.get(pid) for pid, name in names.items() if names.get(parents.get(pid, 0)) == name == "web"}
    named = [(pid, "web-parent" if pid in web_parents else name) for pid, name in names.items()]
    kinds, seen = Counter(name for _, name in named), Counter[str]()
    found: dict[str, Held] = {}
    for pid, name in named:
        try:
            held = _held(pid)
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        seen[name] += 1
        key = name if name in MANY or kinds[name] == 1 else f"{name}-{seen[name]}"
        found[key] = _sum(found[key], held) if key in found else held
    return found


def _tree(root: int, parents: Mapping[int, int]) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    todo = [root]
    while todo:
        pid = todo.pop()
        yield pid
        todo += children.get(pid, [])


def _parents() -> Iterator[tuple[int, int]]:
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(folder.name), int(after_name[1])


def _name_of(pid: int) -> str | None:
    try:
        line = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return next((name for name, form in NAMES if form.search(line)), "other") if line.strip() else None


def _held(pid: int) -> Held:
    folder = PROC / str(pid)
    memory = re.search(r"^Pss:\s+(\d+) kB", (folder / "smaps_rollup").read_text(), re.MULTILINE)
    threads = re.search(r"^Threads:\s+(\d+)", (folder / "status").read_text(), re.MULTILINE)
    assert memory is not None
    assert threads is not None
    return Held(int(memory[1]), sum(1 for _ in (folder / "fd").iterdir()), int(threads[1]))


def _sum(a: Held, b: Held) -> Held:
    return Held(
        a.memory_kib + b.memory_kib,
        a.descriptors + b.descriptors,
        a.threads + b.threads,
        a.processes + b.processes,
    )
