"""A comment pays for what it costs itself and for no search through what the process holds."""

from __future__ import annotations

import gc
import threading
import time

from moderation.ground.environment.own_time import own_time


def test_a_collection_of_garbage_does_not_count() -> None:
    held = [[number] for number in range(300_000)]  # each is looked at
    began, own = time.thread_time(), own_time()

    gc.collect()

    assert own_time() - own < (time.thread_time() - began) / 10
    assert len(held) == 300_000


def test_work_counts_and_that_of_another_thread_does_not() -> None:
    own, waiting = own_time(), threading.Thread(target=sum, args=(range(3_000_000),))
    waiting.start()
    waiting.join()
    beside = own_time() - own

    began, own = time.thread_time(), own_time()
    sum(range(3_000_000))

    assert own_time() - own > (time.thread_time() - began) / 2
    assert beside < (own_time() - own) / 2
