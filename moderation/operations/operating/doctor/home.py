"""GAVEL_HOME: there, ours, closed to others, and with room."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from moderation.ground.environment.settings import Settings
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning

PART = "folder"
LITTLE = 1 << 30
TOO_LITTLE = 100 << 20
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check(settings: Settings) -> list[Finding]:
    home = settings.gavel_home.absolute()
    if not home.is_dir():
        return [
            error(PART, f"GAVEL_HOME: {home} is no folder", f"mkdir -m 700 {home}, or GAVEL_HOME=… of the right one")
        ]
    return list(_folder(home))


def _folder(home: Path) -> Iterator[Finding]:
    status = home.stat()
    if status.st_uid != os.geteuid():
        yield warning(
            PART, f"{home} belongs to user {status.st_uid}", f"run this as that user, or chown -R {os.geteuid()} {home}"
        )
    try:
        with tempfile.TemporaryFile(dir=home):
            yield ok(PART, f"{home} can be written in")
    except OSError as e:
        yield error(PART, f"nothing can be written in {home}: {e.strerror}", f"chown -R {os.geteuid()} {home}")
        return
    if status.st_mode & OTHERS:
        said = f"other users of this machine may read {home}: it holds webhook secrets and keys of second factors"
        yield warning(PART, said, f"chmod -R go= {home}")
    yield room(home, shutil.disk_usage(home).free)


def room(home: Path, free: int) -> Finding:
    said = f"{free / (1 << 30):.1f} GB are free on the disk of {home}"
    if free < TOO_LITTLE:
        return error(PART, said, "make room: metrics, logs and an SQLite database stop growing")
    if free < LITTLE:
        return warning(PART, said, "make room soon")
    return ok(PART, said)
