"""The time that a thread itself used: a clock that neither a busy machine nor a full collection of garbage moves."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Mapping

OLDEST = 2


class _Collections(threading.local):
    """Of this thread, in seconds of its own time."""

    began: float = 0.0
    took: float = 0.0


_of_this_thread = _Collections()


def _note(phase: str, about: Mapping[str, int]) -> None:
    """Told by the collector before and after it searches. https://docs.python.org/3/library/gc.html#gc.callbacks"""
    if about["generation"] < OLDEST:
        return  # it searches only what is new, too little to matter
    if phase == "start":
        _of_this_thread.began = time.thread_time()
    else:
        _of_this_thread.took += time.thread_time() - _of_this_thread.began


gc.callbacks.append(_note)


def own_time() -> float:
    """Seconds of the processor in this thread, without full collections of garbage: they search all that a process
    holds, whichever comment they happen to halt."""
    return time.thread_time() - _of_this_thread.took
