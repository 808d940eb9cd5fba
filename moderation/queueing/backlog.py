"""Refuses new comments while too many wait, and says when to come again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.errors import BacklogFull
from moderation.store.database import Database
from moderation.store.decisions import decided_since
from moderation.store.waiting import count_waiting

FRESH_S = 1.0  # how long a count is used
RATE_WINDOW_S = 60
ROOM = 0.1  # share of the limit that must be free before it is worth coming back
SHORTEST_WAIT_S, LONGEST_WAIT_S, UNKNOWN_WAIT_S = 1, 300, 60


class Backlog:
    """Counts the waiting comments of all sites, at most once a second in one process."""

    def __init__(self, database: Database, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self.limit, self._clock = database, limit, clock
        self._lock = threading.Lock()
        self._waiting, self._counted_at = 0, -math.inf

    def check(self, incoming: int, *, now: datetime) -> None:
        """Raises BacklogFull if ``incoming`` more comments would exceed the limit. Nothing has been stored by then."""
        waiting = self._count()
        if waiting + incoming > self.limit:
            with self._database.read() as conn:
                raise BacklogFull(waiting, self.limit, retry_after_s(conn, self.limit, now=now))

    def _count(self) -> int:
        if self._clock() - self._counted_at < FRESH_S or not self._lock.acquire(blocking=False):
            return self._waiting  # another thread counts: its number serves the next caller
        try:
            with self._database.read() as conn:
                self._waiting = count_waiting(conn, at_most=self.limit + 1)
            self._counted_at = self._clock()
        finally:
            self._lock.release()
        return self._waiting


def retry_after_s(conn: Connection, limit: int, *, now: datetime) -> int:
    """Seconds until a tenth of the limit is free at the last minute's pace; a minute if nothing was decided."""
    per_second = decided_since(conn, now - timedelta(seconds=RATE_WINDOW_S)) / RATE_WINDOW_S
    if per_second == 0:
        return UNKNOWN_WAIT_S
    return min(max(math.ceil(limit * ROOM / per_second), SHORTEST_WAIT_S), LONGEST_WAIT_S)
