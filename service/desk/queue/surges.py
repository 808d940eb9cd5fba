"""The surges at the top of the queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.moderators.queue.surges import Surge, look
from service import cached

SHOWN = 3
LOOK_S = 30.0  # one look serves every page of this process for so long


def surges(conn: Connection, site_ids: tuple[str, ...], *, now: datetime) -> list[Surge]:
    """The largest of all these sites."""
    every = cached.value(("surges", site_ids), LOOK_S, lambda: look(conn, site_ids, now))
    return sorted(every, key=lambda surge: surge.count, reverse=True)[:SHOWN]
