"""Waits with a deadline: a test never sleeps for luck."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LEAST_S = 30.0
"""It costs nothing while tests pass, and a machine may be slow for other reasons than its load."""


def eventually(holds: Callable[[], object], *, within_s: float, says: Callable[[], object] = str) -> None:
    """Returns as soon as ``holds`` is true; fails with what ``says`` returns then after ``within_s`` seconds, or after
    more on a machine that does other work. Seconds below ``LEAST_S`` are not a promise."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > max(LEAST_S, within_s) * slowed_by():
            raise AssertionError(f"not within {time.monotonic() - began:.0f} s: {says()}")
        time.sleep(0.05)


def slowed_by() -> float:
    """How many times longer a process takes than on an idle machine: as many as want to run for each core."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
