"""Keeps one machine's processes running: starts them in order, restarts each one that ends, and stops them all.

It does not know what a process does. It ends only processes that it started, or that a killed supervisor has left. It
goes on when the disk is full: what it cannot write it says once and writes later.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workers.machine import orphans
from workers.machine.program_logs import ProgramLogs

POLL_S = 0.05
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
SETTLED_S = 30.0  # a process that ran this long starts with a short pause again
DISK_EVERY_S = 5.0

log = logging.getLogger(__name__)


class ProgramFailed(Exception):
    """A program did not start, or ended again and again. The message says which and how, and where its log is."""


class StopAsked(Exception):
    """Somebody asked us to stop while we were waiting."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running. Programs of a lower stage start before the others and stop after them."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)  # added to our own
    stage: int = 1
    is_ready: Callable[[], bool] = lambda: True
    ready_within_s: float = 60.0
    stop_within_s: float = 20.0


@dataclass(slots=True)
class Child:
    """A program and the process that runs it now."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0  # ends in a row, each soon after its start
    start_again_at: float = 0.0


class Supervisor:
    """One thread drives it and waits in it. A second one, its own, restarts programs that end."""

    def __init__(self, log_folder: Path, *, first_pause_s: float = FIRST_PAUSE_S) -> None:
        self.log_folder = log_folder
        self.first_pause_s = first_pause_s
        self.stop_asked = threading.Event()
        self._lock = threading.Lock()  # once stopping has begun, nothing is started
        self._stopping = False
        self._stopped = threading.Event()
        self._logs = ProgramLogs(log_folder)
        self._disk_looked_at = -DISK_EVERY_S
        self._is_list_late = False  # the list of programs could not be written
        self._watch_failed: Exception | None = None
        self._children: list[Child] = []
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    @contextmanager
    def running(self) -> Iterator[Supervisor]:
        """Stops everything at the end, for any reason. SIGINT, SIGTERM and SIGHUP ask for that."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop_asked.set())
        orphans.end(self.log_folder)
        self._watcher.start()
        try:
            yield self
        finally:
            self.stop()
            orphans.forget(self.log_folder)

    def start(self, program: Program) -> None:
        """Returns when the program is ready. Raises StopAsked, and ProgramFailed if it ends first or takes too long."""
        self.wait_until(program.is_ready, self.launch(program), within_s=program.ready_within_s)

    def launch(self, program: Program) -> Child:
        """Starts the program and returns at once."""
        child = Child(program)
        with self._lock:
            self._spawn(child)
            self._children.append(child)
        return child

    def wait_until(self, is_ready: Callable[[], bool], child: Child, *, within_s: float) -> None:
        """Raises StopAsked, and ProgramFailed if the child ends first or takes too long."""
        until = time.monotonic() + within_s
        while not is_ready():
            self.wait(POLL_S)
            if child.failures:
                raise self._failure(child, "stopped while it started")
            if time.monotonic() > until:
                raise self._failure(child, f"was not ready after {within_s:g} seconds")

    def run_once(self, program: Program) -> None:
        """Runs a program to its end. Raises StopAsked, and ProgramFailed if it does not succeed."""
        with self._logs.open(program.name) as log_file:
            process = _popen(program, log_file.fileno())
        try:
            while process.poll() is None:
                self.wait(POLL_S)
        finally:
            _end([(process, program.stop_within_s)])
        if process.returncode != 0:
            raise self._failure(Child(program, process), f"ended with code {process.returncode}")

    def wait(self, seconds: float) -> None:
        """Raises StopAsked as soon as somebody asks to stop."""
        if self.stop_asked.wait(seconds):
            raise StopAsked

    def wait_for_stop(self) -> None:
        """Returns when somebody asks to stop. Raises ProgramFailed if nobody looks after the programs any more."""
        self.stop_asked.wait()
        if self._watch_failed is not None:
            raise ProgramFailed("the supervisor's watch failed: start it again") from self._watch_failed

    def refuse_failures(self, limit: int) -> None:
        """Raises ProgramFailed if a program has ended ``limit`` times in a row, each time soon after its start."""
        for child in self._children:
            if child.failures >= limit:
                raise self._failure(child, f"ended {child.failures} times in a row")

    def pids(self) -> dict[str, int]:
        """The process ids of the programs that run, by name."""
        return {c.program.name: c.process.pid for c in self._children if c.process and c.process.poll() is None}

    def stop(self) -> None:
        """Asks the programs to stop, stage by stage from the last, and kills those that do not. Returns when none is
        left."""
        with self._lock:
            self._stopping = True
        for stage in sorted({c.program.stage for c in self._children}, reverse=True):
            members = [c for c in self._children if c.program.stage == stage and c.process is not None]
            _end([(c.process, c.program.stop_within_s) for c in members if c.process is not None])
        self.stop_asked.set()
        self._stopped.set()

    def _watch(self) -> None:
        """Runs as long as the programs do: when it ends, the programs that it started are asked to stop. An error that
        nobody foresaw ends the supervisor, which nobody would notice otherwise."""
        try:
            self._restart_dead()
        except Exception as e:
            log.exception("the watch over the programs failed, so they are stopped")
            self._watch_failed = e
            self.stop_asked.set()
        self._stopped.wait()

    def _restart_dead(self) -> None:
        while not self.stop_asked.wait(POLL_S):
            if time.monotonic() >= self._disk_looked_at + DISK_EVERY_S:
                self._disk_looked_at = time.monotonic()
                self._logs.put_aside()
                if self._is_list_late:
                    self._write_down(self.pids().values())
            for child in list(self._children):
                with self._lock:
                    if self._stopping:
                        return
                    self._look_after(child)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                self._start_again(child, now)
            return
        code = child.process.poll()
        if code is None:
            return
        _kill_group(child.process)  # it may have left children
        child.failures = child.failures + 1 if now - child.started_at < SETTLED_S else 1
        pause = self._pause(child)
        log.warning("%s ended with code %d: starting it again in %g s", child.program.name, code, pause)
        child.process, child.start_again_at = None, now + pause

    def _start_again(self, child: Child, now: float) -> None:
        try:
            self._spawn(child)
        except (OSError, subprocess.SubprocessError) as e:  # no memory, or no process to be had
            child.failures += 1
            child.start_again_at = now + self._pause(child)
            log.warning("%s could not be started, trying again: %s", child.program.name, e)

    def _pause(self, child: Child) -> float:
        return min(self.first_pause_s * 2.0 ** min(child.failures - 1, 16), LONGEST_PAUSE_S)

    def _spawn(self, child: Child) -> None:
        with self._logs.open(child.program.name) as log_file:
            child.process = _popen(child.program, log_file.fileno())
        child.started_at = time.monotonic()
        self._write_down([*self.pids().values(), child.process.pid])

    def _write_down(self, pids: Iterable[int]) -> None:
        """Lists the programs for the next supervisor. Where that cannot be written, the watch tries again."""
        try:
            orphans.write_down(self.log_folder, pids)
        except OSError as e:
            if not self._is_list_late:
                log.warning("the list of programs cannot be written, trying again until it can: %s", e)
            self._is_list_late = True
            return
        if self._is_list_late:
            log.warning("the list of programs is written again")
        self._is_list_late = False

    def _failure(self, child: Child, how: str) -> ProgramFailed:
        name = child.program.name
        line = self._logs.last_line(name)
        last = f" ({line})" if line else ""
        return ProgramFailed(f"{name} {how}{last}: see {self._logs.path_of(name)}")


def _popen(program: Program, log_fd: int) -> subprocess.Popen[bytes]:
    """Starts it in a session of its own: Ctrl-C at the terminal then reaches us alone, and we stop the others in
    order."""
    return subprocess.Popen(
        program.command,
        env={**os.environ, **program.environ},
        stdin=subprocess.DEVNULL,
        stdout=log_fd,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=orphans.ends_with_parent(),  # noqa: PLW1509 - one system call, nothing that a thread may hold
    )


def _end(processes: Sequence[tuple[subprocess.Popen[bytes], float]]) -> None:
    for process, _ in processes:
        if process.poll() is None:
            process.terminate()
    asked_at = time.monotonic()
    for process, within_s in processes:
        try:
            process.wait(max(0.0, asked_at + within_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process %d did not stop within %g s: killing it", process.pid, within_s)
        _kill_group(process)
        process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Its process group has its number, which stays in use as long as a member lives."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS raises the second for a group of zombies
        return
