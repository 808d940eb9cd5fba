"""Brings what pages show back into step with the comments, every hour: while an update goes on, processes of an earlier
version may still decide comments, and they know nothing of pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.environment.clock import utc_now
from moderation.readers.pages import showing, showing_rows

LOOK_EVERY = timedelta(hours=1)
LOOK_BACK = timedelta(days=3)  # at comments that arrived since then
AT_ONCE = 200

log = logging.getLogger(__name__)


class PageMender:
    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self.database, self.now = database, now
        self._look_at = now()

    def step(self) -> None:
        """Mends a batch, and looks again at once while there is more."""
        now = self.now()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY  # after an error too
        with self.database.read() as conn:
            comment_ids = showing_rows.out_of_step(conn, since=first_id_at(now - LOOK_BACK), limit=AT_ONCE)
        if not comment_ids:
            return
        with self.database.write() as conn:
            showing.bring_into_step(conn, comment_ids)
        log.warning("brought comments on pages back into step", extra={"comments": len(comment_ids)})
        if len(comment_ids) == AT_ONCE:
            self._look_at = now
