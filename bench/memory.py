"""The memory of one and of four workers, their start, and the files that they open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from bench import Option, Result, tell
from bench.census import PROC
from bench.fleet import pause_workers, resume_workers, start_workers
from bench.plant import plant, process_s
from workers.scoring.engines.weights import NGRAMS_FILE, ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, ModelFolders

SERVED = frozenset({ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, NGRAMS_FILE})
"""The files of a folder of weights that a worker opens; the others are sources of these, and cards."""

_LINE = re.compile(r"^(Pss|Private_Clean|Private_Dirty|Shared_Clean|Shared_Dirty):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plan:
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


def measure(plan: Plan) -> Result:
    """A row for each number of workers, with the mean of a worker and the sum of all."""
    fleets = {count: memory_of_fleet(count, plan.comments) for count in plan.workers}
    rows = [_row_of_memory(count, fleet) for count, fleet in fleets.items()]
    sizes = served_mib()
    lines = [f"on the disk, {name}: {mib:.1f} MiB that workers open" for name, mib in sizes.items()]
    columns = ("workers", "all, proportional MiB", "one, proportional", "private", "shared", "start, s of processor")
    values = {
        "plan": asdict(plan),
        "held": {count: [asdict(worker) for worker in fleet] for count, fleet in fleets.items()},
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
    folders = sorted(folder for folder in ModelFolders.of(None, None).models.iterdir() if folder.is_dir())
    return {folder.name: sum(_sizes(folder)) / 2**20 for folder in folders}


def _sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.iterdir() if file.name in SERVED)


def _memory_of(pid: int, start_s: float) -> WorkerMemory:
    kib = {name: int(size) for name, size in _LINE.findall((PROC / str(pid) / "smaps_rollup").read_text())}
    return WorkerMemory(kib["Pss"] / 1024, _sum_mib(kib, "Private"), _sum_mib(kib, "Shared"), start_s)


def _sum_mib(kib: Mapping[str, int], kind: str) -> float:
    return sum(size for name, size in kib.items() if name.startswith(kind)) / 1024


def _row_of_memory(count: int, fleet: list[WorkerMemory]) -> list[str]:
    mean = [sum(values) / count for values in zip(*((h.proportional, h.private, h.shared) for h in fleet), strict=True)]
    start = sum(worker.start_s for worker in fleet) / count
    return [str(count), f"{mean[0] * count:.0f}", *(f"{value:.0f}" for value in mean), f"{start:.1f}"]
