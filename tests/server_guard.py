"""Ends the servers of a test process that is gone, however it went.

A server has a session of its own, so no signal to the tests reaches it. The guard is a process that reads the names of
folders until its input ends, which it does when the tests end or are killed. Then it ends whatever still runs in these
folders.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE_S = 10.0


class Guard:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def watch(self, folder: Path | str) -> None:
        """Ends what runs in the folder, or below it, when this process is gone."""
        assert self._process.stdin is not None
        print(Path(folder).resolve(), file=self._process.stdin, flush=True)


@contextmanager
def guarding(folder: Path) -> Iterator[Guard]:
    command = [sys.executable, "-I", "-S", __file__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)
    with process:
        guard = Guard(process)
        guard.watch(folder)
        yield guard


def running_in(folders: Iterable[str]) -> set[int]:
    """The processes that work in these folders or below them."""
    return {pid for pid in _pids() if any(f"{_place(pid)}/".startswith(f"{folder}/") for folder in folders)}


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid())


def _place(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd").removesuffix(" (deleted)")
    except OSError:  # it has ended, or is somebody else's
        return ""


def end(folders: Iterable[str]) -> None:
    """Asks all to end, and kills those that do not."""
    _send(running_in(folders), signal.SIGTERM)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if not running_in(folders):
            return
        time.sleep(0.05)
    _send(running_in(folders), signal.SIGKILL)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    end([line.rstrip("\n") for line in sys.stdin])
