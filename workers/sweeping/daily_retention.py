"""Deletes, every day, the content that sites no longer keep, in small steps between the sweeper's other work.

Several sweepers may run: the one that holds the lease deletes. If it dies in the middle, the next one begins again and
finds only the rest.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.ground.monitoring.instruments import instruments
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.retention import LEASE, WORDS, Deletion, Purged
from moderation.sites.audit import actors

STEP_S = 0.25  # of each second, so that sweeping and events continue
LEASE_FOR = timedelta(seconds=60)
LOOK_EVERY = timedelta(minutes=1)

log = logging.getLogger(__name__)


class DailyRetention:
    def __init__(self, database: Database, holder: str, *, hour: int, now: Callable[[], datetime] = utc_now) -> None:
        self.database, self.holder, self.hour, self.now = database, holder, hour, now
        self._pages: Iterator[Purged] | None = None
        self._removed: Counter[Deletion] = Counter()
        self._began_at = self._look_at = now()

    def step(self) -> None:
        """Begins a run if one is due, or continues one, and returns after a moment."""
        now = self.now()
        if self._pages is None and now < self._look_at:
            return
        if self._pages is None and not self._is_due(now):
            self._look_at = now + LOOK_EVERY
            return
        if not self._hold(now):
            self._pages, self._look_at = None, now + LOOK_EVERY
            return
        if self._pages is None:
            self._begin(now)
        if self._remove():
            self._end()

    def _is_due(self, now: datetime) -> bool:
        with self.database.read() as conn:
            return retention.schedule(conn, hour=self.hour, now=now).is_due(now)

    def _hold(self, now: datetime) -> bool:
        with self.database.write() as conn:
            return leases.take(conn, LEASE, self.holder, until=now + LEASE_FOR, now=now)

    def _begin(self, now: datetime) -> None:
        self._began_at, self._removed = now, Counter()
        self._look_at = now + LOOK_EVERY  # after an error too
        self._pages = retention.retain(self.database, by=actors.SYSTEM, now=now)

    def _remove(self) -> bool:
        """True when nothing is left to remove."""
        pages, self._pages = self._pages or iter(()), None  # an error ends the run: the next step begins a new one
        until = time.monotonic() + STEP_S
        for purged in pages:
            self._removed[purged.kind] += purged.count
            instruments().retained.labels(purged.kind.value).inc(purged.count)
            if time.monotonic() >= until:
                self._pages = pages
                return False
        return True

    def _end(self) -> None:
        self._pages, now = None, self.now()
        removed = {kind.value: self._removed[kind] for kind in Deletion}
        with self.database.write() as conn:
            report = {"began_at": self._began_at.isoformat(), "removed": removed}
            leases.note(conn, LEASE, self.holder, report, now=now)
            leases.give_back(conn, LEASE, self.holder, now=now)
            next_at = retention.schedule(conn, hour=self.hour, now=now).next_at
        self._look_at = now + LOOK_EVERY
        said = ", ".join(f"{count} {WORDS[kind]}" for kind, count in self._removed.items()) or "nothing had to go"
        log.info("daily retention: %s; next at %s", said, f"{next_at:%Y-%m-%d %H:%M} UTC")
