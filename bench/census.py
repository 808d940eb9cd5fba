"""The memory, files and threads of processes, by name. Read from ``/proc``, so on Linux only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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
    by_name: dict[str, Held] = {}
    for pid, name in named:
        try:
            held = _held(pid)
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        seen[name] += 1
        key = name if name in MANY or kinds[name] == 1 else f"{name}-{seen[name]}"
        by_name[key] = _sum(by_name[key], held) if key in by_name else held
    return by_name


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
