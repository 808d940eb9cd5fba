"""Looks every hour, on the sweeper that leads, whether people find a house model wrong too often."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.insight.checks import drift

LOOK_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


class DriftGuard:
    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database, self.now = database, now
        self._look_at = now()

    def step(self) -> None:
        """Looks if it is time. Models that drifted are put back into the shadow."""
        now = self.now()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY  # after an error too
        for change in drift.guard(self.database, now=now):
            figures = {"site_id": change.site_id, "policy_version": change.version, "low": round(change.error.low, 4)}
            log.warning("a house model went back into the shadow", extra={**figures, "wish": change.wish})
