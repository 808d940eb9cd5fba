"""The looks that the sweeper which leads takes every hour: whether people find a house model wrong too often, and
whether pages show the comments as they are. While an update goes on, processes of an earlier version may still decide
comments, and they know nothing of pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.environment.clock import utc_now
from moderation.insight.checks import drift
from moderation.operations.alerts import looking
from moderation.pipeline.second_opinions import guarding as second_readers
from moderation.readers.pages import showing, showing_rows

LOOK_EVERY = timedelta(hours=1)
ALERT_EVERY = CLOSE_EVERY = timedelta(minutes=1)
LOOK_BACK = timedelta(days=3)  # at comments that arrived since then
AT_ONCE = 200

log = logging.getLogger(__name__)

Look = Callable[[Database, datetime], bool]
"""Takes a look, and returns whether there is more to do at once."""


class Hourly:
    def __init__(
        self,
        database: Database,
        look: Look,
        *,
        every: timedelta = LOOK_EVERY,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database, self.look, self.every, self.now = database, look, every, now
        self._look_at = now()

    def step(self) -> None:
        """Looks if it is time, and again at the next step while there is more."""
        now = self.now()
        if now < self._look_at:
            return
        self._look_at = now + self.every  # after an error too
        if self.look(self.database, now):
            self._look_at = now


def guard_models(database: Database, now: datetime) -> bool:
    """Puts models that drifted back into the shadow."""
    for change in drift.guard(database, now=now):
        figures = {"site_id": change.site_id, "policy_version": change.version, "low": round(change.error.low, 4)}
        log.warning("a house model went back into the shadow", extra={**figures, "wish": change.wish})
    return False


def guard_second_readers(database: Database, now: datetime) -> bool:
    """Puts second readers with which people agree too seldom, or that need a trial, back into the shadow."""
    for change in second_readers.guard(database, now=now):
        named = {"site_id": change.site_id, "reader": change.name}
        log.warning("a second reader went back into the shadow", extra={**named, **change.why})
    return False


def mend_pages(database: Database, now: datetime) -> bool:
    """Brings a batch of comments back into step with what pages show."""
    with database.read() as conn:
        comment_ids = showing_rows.out_of_step(conn, since=first_id_at(now - LOOK_BACK), limit=AT_ONCE)
    if not comment_ids:
        return False
    with database.write() as conn:
        showing.bring_into_step(conn, comment_ids)
    log.warning("brought comments on pages back into step", extra={"comments": len(comment_ids)})
    return len(comment_ids) == AT_ONCE


def notice_alerts(database: Database, now: datetime) -> bool:
    """Stores what a site's people want to hear of."""
    looking.look(database, now)
    return False
