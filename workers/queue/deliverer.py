"""Serves many sites at once, each in a thread, so a webhook or a second reader that hangs holds up no other site.

A job in Redis is a hint that a site has something due. The sweeper finds any that this process takes and loses.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from workers.queue.allowed_job import AllowedJob
from workers.queue.delivery import SiteTurn

FREE_WITHIN_S = 5.0  # while all threads are busy, hints wait in the queue

log = logging.getLogger(__name__)


class SiteCourier(Protocol):
    """Serves a site for one turn."""

    is_stopping: Callable[[], bool]

    def deliver(self, site_id: str) -> SiteTurn: ...


class Deliverer:
    """``again`` requests another turn for a site that has events left, after those of other sites.

    A site that was slow last time may use one half of the threads only, so that any number of slow sites leaves the
    other half free. ``free_within_s`` is how long others wait for a thread of this one.
    """

    def __init__(
        self,
        courier: SiteCourier,
        *,
        threads: int,
        again: Callable[[str], object],
        name: str = "deliver",
        free_within_s: float = FREE_WITHIN_S,
    ) -> None:
        self.courier, self.again, self.free_within_s = courier, again, free_within_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
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
        if not self._free.acquire(timeout=self.free_within_s):
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
            log.error("could not serve site %s, trying again: %s", site_id, e)
        except Exception:
            log.exception("could not serve site %s", site_id)
        finally:
            with self._lock:
                self._in_hand.discard(site_id)
                (self._slow.add if turn.is_slow else self._slow.discard)(site_id)
            self._free.release()
            if was_slow:
                self._for_slow.release()
        if turn.is_more:
            self.again(site_id)


def job_class(deliverers: Mapping[str, Deliverer]) -> type[AllowedJob]:
    """Jobs that hand their site to the deliverer of their function, by its name, and are then done."""

    class DeliveryJob(AllowedJob):
        def _execute(self) -> Any:
            self.function_path()
            return deliverers[self.func_name or ""].begin(*self.args)

    return DeliveryJob
