"""Hints over the queue that moderators dismissed, each for themselves alone."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.moderators.queue.tables import dismissed_notices


def dismiss(conn: Connection, moderator_id: str, notice: str, *, now: datetime) -> None:
    """From ``now``, also if it was dismissed before."""
    statement = insert_into(conn, dismissed_notices).values(moderator_id=moderator_id, notice=notice, dismissed_at=now)
    conn.execute(statement.on_conflict_do_update(index_elements=["moderator_id", "notice"], set_={"dismissed_at": now}))


def bring_back(conn: Connection, moderator_id: str, notice: str) -> None:
    mine = sa.and_(dismissed_notices.c.moderator_id == moderator_id, dismissed_notices.c.notice == notice)
    conn.execute(dismissed_notices.delete().where(mine))


def dismissed_by(conn: Connection, moderator_id: str, *, since: datetime) -> set[str]:
    return set(conn.execute(_DISMISSED, {"moderator_id": moderator_id, "since": since}).scalars())


# Made once: every page of the queue runs it
_DISMISSED = sa.select(dismissed_notices.c.notice).where(
    dismissed_notices.c.moderator_id == sa.bindparam("moderator_id"),
    dismissed_notices.c.dismissed_at >= sa.bindparam("since"),
)


def forget(conn: Connection, moderator_id: str, *, before: datetime) -> None:
    old = sa.and_(dismissed_notices.c.moderator_id == moderator_id, dismissed_notices.c.dismissed_at < before)
    conn.execute(dismissed_notices.delete().where(old))
