"""Delivers to many sites at once, each in a thread, so a webhook that hangs holds up no other site.

A job in Redis is a hint that a site has events due. The sweeper finds any that this process takes and loses.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from workers.queue.delivery import Courier, SiteTurn
from workers.queue.job import AllowedJob

FREE_WITHIN_S = 5.0  # while all threads are busy, hints wait in the queue

log = logging.getLogger(__name__)


class Deliverer:
    """``again`` requests another turn for a site that has events left, after those of other sites.

    A site that was slow last time may use one half of the threads only, so that any number of slow sites leaves the
    other half free.
    """

    def __init__(self, courier: Courier, *, threads: int, again: Callable[[str], object]) -> None:
        self.courier, self.again = courier, again
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="deliver")
        self._free = threading.Semaphore(threads)
        self._for_slow = threading.Semaphore(max(1, threads // 2))
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._slow: set[str] = set()
        self._is_stopping = threading.Event()
        courier.is_stopping = self._is_stopping.is_set

    def begin(self, site_id: str) -> bool:
        """Starts a turn of the site and returns at once. False if it already has one or no thread is free."""
        with self._lock:
            if site_id in self._in_hand or self._is_stopping.is_set():
                return False
            is_slow = site_id in self._slow
        if is_slow and not self._for_slow.acquire(blocking=False):
            return False
        if not self._free.acquire(timeout=FREE_WITHIN_S):
            if is_slow:
                self._for_slow.release()
            return False
        with self._lock:
            self._in_hand.add(site_id)
        self._pool.submit(self._deliver, site_id, is_slow)
        return True

    def close(self) -> None:
        """Returns when the attempts that have begun are over."""
        self._is_stopping.set()
        self._pool.shutdown(wait=True)

    def _deliver(self, site_id: str, was_slow: bool) -> None:
        turn = SiteTurn(is_slow=was_slow)
        try:
            turn = self.courier.deliver(site_id)
        except SQLAlchemyError as e:
            log.error("could not deliver to site %s, trying again: %s", site_id, e)
        except Exception:
            log.exception("could not deliver to site %s", site_id)
        finally:
            with self._lock:
                self._in_hand.discard(site_id)
                (self._slow.add if turn.is_slow else self._slow.discard)(site_id)
            self._free.release()
            if was_slow:
                self._for_slow.release()
        if turn.is_more:
            self.again(site_id)


def job_class(deliverer: Deliverer) -> type[AllowedJob]:
    """Jobs that hand their site to the deliverer and are then done."""

    class DeliveryJob(AllowedJob):
        def _execute(self) -> Any:
            self.function_path()
            return deliverer.begin(*self.args)

    return DeliveryJob
