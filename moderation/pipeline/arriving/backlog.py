"""Refuses new comments while too many wait, and says when to come again. No site can fill the part of the others."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import BacklogFull
from moderation.pipeline.waiting.rows import count_waiting, count_waiting_by_site
from moderation.pipeline.waiting.vitals_rows import count_sites
from moderation.spine.comments.decision_rows import decided_since

FRESH_S = 1.0  # how long a count is used
RATE_WINDOW_S = 60
ROOM = 0.1  # share of the limit that must be free before it is worth coming back
SHORTEST_WAIT_S, LONGEST_WAIT_S, UNKNOWN_WAIT_S = 1, 300, 60


@dataclass(frozen=True, slots=True)
class WaitingBySite:
    """The comments that wait, by site, and how many sites there are."""

    by_site: Mapping[str, int]
    sites: int = 1

    @property
    def waiting(self) -> int:
        return sum(self.by_site.values())


class Backlog:
    """Counts the waiting comments of all sites, at most once a second in one process.

    Half of the limit is kept for the sites in equal parts, so that each site's comments find room in its own part; the
    other half is for those that come first.
    """

    def __init__(self, database: Database, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self.limit, self._clock = database, limit, clock
        self._lock = threading.Lock()
        self._load, self._counted_at = WaitingBySite({}), -math.inf

    def check(self, site_id: str, incoming: int, *, now: datetime) -> None:
        """Raises BacklogFull if ``incoming`` more comments of the site would exceed the limit. Nothing has been stored
        by then."""
        load = self._count(site_id)
        if not has_room(load, self.limit, site_id, incoming):
            with self._database.read() as conn:
                raise BacklogFull(load.waiting, self.limit, retry_after_s(conn, self.limit, now=now))

    def _count(self, site_id: str) -> WaitingBySite:
        if self._clock() - self._counted_at < FRESH_S or not self._lock.acquire(blocking=False):
            return self._load  # another thread counts: its number serves the next caller
        try:
            with self._database.read() as conn:
                self._load = _look(conn, self.limit, site_id)
            self._counted_at = self._clock()
        finally:
            self._lock.release()
        return self._load


def has_room(load: WaitingBySite, limit: int, site_id: str, incoming: int) -> bool:
    """Whether the site's own part takes ``incoming`` more comments, or the part that all sites share takes those
    beyond it. A single site has all of the limit."""
    own = limit // 2 // load.sites
    after = {**load.by_site, site_id: load.by_site.get(site_id, 0) + incoming}
    beyond = sum(max(0, count - own) for count in after.values())
    return after[site_id] <= own or beyond <= limit - own * load.sites


def _look(conn: Connection, limit: int, site_id: str) -> WaitingBySite:
    """Counts by site only if there are several: all comments of a single one are counted to just above the limit."""
    if (sites := count_sites(conn)) > 1:
        return WaitingBySite(count_waiting_by_site(conn), sites)
    return WaitingBySite({site_id: count_waiting(conn, at_most=limit + 1)})


def retry_after_s(conn: Connection, limit: int, *, now: datetime) -> int:
    """Seconds until a tenth of the limit is free at the last minute's pace; a minute if nothing was decided."""
    per_second = decided_since(conn, now - timedelta(seconds=RATE_WINDOW_S)) / RATE_WINDOW_S
    if per_second == 0:
        return UNKNOWN_WAIT_S
    return min(max(math.ceil(limit * ROOM / per_second), SHORTEST_WAIT_S), LONGEST_WAIT_S)
