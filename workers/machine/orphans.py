"""Ends programs that a killed supervisor has left running. Each supervisor writes down the programs that it starts, and
the next one ends them.

On Linux, programs are asked to stop as soon as their supervisor is gone. This module is for those that do not stop, and
for other systems.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

STOP_WITHIN_S = 20.0
PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)

_IS_LINUX: bool = sys.platform == "linux"
_prctl = ctypes.CDLL(None, use_errno=True).prctl if _IS_LINUX else None


@dataclass(frozen=True, slots=True)
class Process:
    """A process, and when it started: another one may have its number by now."""

    pid: int
    started: str

    @classmethod
    def find(cls, pid: int) -> Process | None:
        """None if there is no such process any more."""
        started = _started(pid)
        return cls(pid, started) if started else None

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return _started(self.pid) == self.started


def write_down(folder: Path, pids: Iterable[int]) -> None:
    """Writes this process and the programs that it runs now to a file of its own. Raises OSError, and leaves the list
    as it was."""
    processes = (Process.find(pid) for pid in (os.getpid(), *pids))
    lines = "".join(f"{process.pid} {process.started}\n" for process in processes if process is not None)
    part = _file_of(folder).with_suffix(".part")
    part.write_text(lines, encoding="ascii")
    part.replace(_file_of(folder))


def forget(folder: Path) -> None:
    """Deletes this process's file."""
    _file_of(folder).unlink(missing_ok=True)


def end(folder: Path) -> None:
    """Ends the programs of supervisors that are gone: asks first, then kills. Returns when none is left."""
    for path in folder.glob("*.pids"):
        supervisor, *programs = _read(path)
        if supervisor.is_alive():
            continue
        left = [program for program in programs if program.is_alive()]
        if left:
            log.warning("ending %d processes that a killed supervisor has left running", len(left))
            _end(left)
        path.unlink(missing_ok=True)


def ends_with_parent() -> Callable[[], None] | None:
    """A function for a child to call first, so that it is asked to stop when the thread that started it is gone."""
    if _prctl is None:
        return None
    parent = os.getpid()

    def ask() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent has already gone
            os._exit(1)

    return ask


def _end(processes: list[Process]) -> None:
    """Each leads a process group of its own, since the supervisor starts them so."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + STOP_WITHIN_S
    while any(process.is_alive() for process in processes):
        if time.monotonic() > until:
            for process in processes:
                _signal(process, signal.SIGKILL)
        time.sleep(0.05)


def _signal(process: Process, number: signal.Signals) -> None:
    if not process.is_alive():
        return
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _read(path: Path) -> list[Process]:
    rows = (line.partition(" ") for line in path.read_text(encoding="ascii").splitlines())
    return [Process(int(pid), started) for pid, _space, started in rows] or [Process(0, "never")]


def _file_of(folder: Path) -> Path:
    return folder / f"{os.getpid()}.pids"


def _started(pid: int) -> str | None:
    """The start time in the system's own form; None for a process that is gone or a zombie."""
    if _IS_LINUX:
        return _started_on_linux(pid)
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None


def _started_on_linux(pid: int) -> str | None:
    """Field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name before it may contain
    anything."""
    try:
        state, *_, started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:20]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else started
