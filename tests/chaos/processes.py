"""Worker, sweeper and queue processes that a test starts for real, kills, and ends at the latest when it ends
itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


class Fleet:
    """Processes started with one environment. Each is ended by its own pid."""

    def __init__(self, environment: Mapping[str, str], log_folder: Path) -> None:
        self.environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.log_folder = log_folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *module_and_arguments: str) -> subprocess.Popen[bytes]:
        with (self.log_folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module_and_arguments],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running[name] = process
        return process

    def kill(self, name: str) -> None:
        """As ``kill -9`` does: the process gets to finish nothing."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str, *, within_s: float = 30) -> int:
        """As an operator does. Returns the exit code."""
        process = self.running.pop(name)
        process.terminate()
        eventually(lambda: process.poll() is not None, within_s=within_s)
        return process.wait()

    def restart_dead(self, *module_and_arguments: str) -> int:
        """Starts every process that has exited again, with any exit code, as the supervisor does. Returns their
        number."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self.start(name, *module_and_arguments)
        return len(dead)

    def log(self, name: str) -> str:
        return (self.log_folder / f"{name}.log").read_text(errors="replace")

    def end(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()
