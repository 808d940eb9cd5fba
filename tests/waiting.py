"""Waits with a deadline: a test never sleeps for luck."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], *, within_s: float, says: Callable[[], object] = str) -> None:
    """Returns as soon as ``holds`` is true; fails after ``within_s`` seconds with what ``says`` returns then."""
    until = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"not within {within_s:g} s: {says()}")
        time.sleep(0.05)
