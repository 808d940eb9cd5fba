"""The steps of a command, each with a folder of its own: a step whose result lies there is not run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.loop.sitting import is_finished


@dataclass(frozen=True, slots=True)
class Steps:
    """``work`` has the folders."""

    work: Path

    def made(self, name: str, result: str, make: Callable[[Path], object]) -> Path:
        """The path of a step's result, which ``make`` writes into the step's folder unless it is finished."""
        folder = self.work / name
        if is_finished(folder, result):
            print(f"{name}: finished before", flush=True)
        else:
            print(f"{name}: begins", flush=True)
            folder.mkdir(parents=True, exist_ok=True)
            make(folder)
        return folder / result
