"""Counts, on the sweeper that leads, each day that is over, in small steps between its other work."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.insight.trends import day_counting

STEP_S = 0.25  # of each second, so that sweeping and events continue
LOOK_EVERY = timedelta(minutes=10)

log = logging.getLogger(__name__)


class DayCounter:
    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database, self.now = database, now
        self._look_at = now()
        self._days: Iterator[tuple[str, date]] | None = None
        self._counted = 0

    def step(self) -> None:
        """Counts for a moment, or looks whether a day is due."""
        now = self.now()
        if self._days is None:
            if now < self._look_at:
                return
            self._look_at = now + LOOK_EVERY  # after an error too
            self._days, self._counted = day_counting.count_due(self.database, now=now), 0
        days, self._days = self._days, None  # an error ends it: a later look begins a new one
        until = time.monotonic() + STEP_S
        for _ in days:
            self._counted += 1
            if time.monotonic() >= until:
                self._days = days
                return
        if self._counted:
            log.info("counted %d days of sites for Trends", self._counted)
