"""Processes touch these files, so that others on the machine can see that they are well."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

MODELS = "models"  # a worker of this machine touches it when it has loaded them
CLOCK_STEP_S = 0.01  # a file system's clock is coarser than a process's

log = logging.getLogger(__name__)


def beat(home: Path, kind: str) -> None:
    """Touches the file of this kind. A full disk, or one of another user, does not stop the process: probes will report
    the silence."""
    path = file_of(home, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as e:
        log.warning("cannot record that %s is well: %s", kind, e)


def is_fresh(home: Path, kind: str, *, since: float) -> bool:
    """Whether the last beat came after ``since``, in seconds of the epoch."""
    try:
        return file_of(home, kind).stat().st_mtime >= since - CLOCK_STEP_S
    except OSError:
        return False


def file_of(home: Path, kind: str) -> Path:
    """The file that a process of this kind touches, one per machine."""
    return home / "health" / f"{kind}-{socket.gethostname()}"
