"""One log file for each program of a supervisor, none of them without bounds. A disk without room stops no program."""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LARGEST_BYTES = 20_000_000

log = logging.getLogger(__name__)


class ProgramLogs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """The file to which the program of this name writes."""
        return self.folder / f"{name}.log"

    def open(self, name: str) -> BinaryIO:
        """Opens the log for a program that starts. Where no file can be made, its lines are lost and it runs all the
        same."""
        try:
            return self.path_of(name).open("ab")
        except OSError as e:
            log.warning("%s starts without a log: %s", name, e)
            return Path(os.devnull).open("ab")

    def last_line(self, name: str) -> str:
        """Empty if there is none."""
        try:
            lines = self.path_of(name).read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1].strip() if lines else ""

    def put_aside(self) -> None:
        """Rotates logs while their programs write. Programs append, so cutting the front off overwrites nothing. Lines
        that come between the copy and the cut are lost."""
        for path in self.folder.glob("*.log"):
            try:
                if path.stat().st_size > LARGEST_BYTES:
                    shutil.copyfile(path, path.with_suffix(".log.1"))
                    os.truncate(path, 0)
            except OSError as e:  # on a full disk, cut it anyway, or the disk stays full
                log.warning("%s could not be copied, so it is cut: %s", path, e)
                with suppress(OSError):
                    os.truncate(path, 0)
