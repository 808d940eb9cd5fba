"""Files that processes of one machine touch, so that others can see that they are well."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

MODELS = "models"  # the last time that a worker of this machine had loaded them
CLOCK_STEP_S = 0.01  # a file system's clock is coarser than a process's

log = logging.getLogger(__name__)


def beat(home: Path, kind: str) -> None:
    """A disk that is full or not ours is no reason to stop: probes will ask why nothing is heard."""
    path = file_of(home, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as e:
        log.warning("nobody can be told that %s is well: %s", kind, e)


def is_fresh(home: Path, kind: str, *, since: float) -> bool:
    """Whether the last beat came after ``since``, in seconds of the epoch."""
    try:
        return file_of(home, kind).stat().st_mtime >= since - CLOCK_STEP_S
    except OSError:
        return False


def file_of(home: Path, kind: str) -> Path:
    return home / "health" / f"{kind}-{socket.gethostname()}"
