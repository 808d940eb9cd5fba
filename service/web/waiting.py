"""Requests that hold their connection open until something happens, in a bounded number of threads.

Every held request keeps a thread; were all of them held, nobody could post. Beyond the bound one is answered at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask, current_app

from service.web import stopping

EXTENSION = "gavel.waiting"
FIRST_PAUSE_S, LONGEST_PAUSE_S, GROWTH = 0.02, 0.2, 1.3

Found = TypeVar("Found")


def register(app: Flask, *, places: int) -> None:
    app.extensions[EXTENSION] = threading.BoundedSemaphore(places)


@contextmanager
def place(*, wanted: bool) -> Iterator[bool]:
    """Whether this request, if it wants to, may wait."""
    semaphore: threading.BoundedSemaphore = current_app.extensions[EXTENSION]
    taken = wanted and semaphore.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            semaphore.release()


def poll(look: Callable[[], Found | None], *, timeout_s: float) -> Found | None:
    """Looks again after growing pauses until something is there, the time is up or the process is to stop.

    No transaction may be open.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = FIRST_PAUSE_S
    while (found := look()) is None and (left_s := deadline - time.monotonic()) > 0 and not stopping.is_told():
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * GROWTH, LONGEST_PAUSE_S)
    return found
