"""Comments that moderators put off, each for themselves alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue.tables import skips
from moderation.spine.comments.tables import NOTICED_ONLINE, comments


@dataclass(frozen=True, slots=True)
class Skip:
    comment_id: str
    site_id: str
    skipped_at: datetime


def skip(conn: Connection, comment_id: str, moderator_id: str, *, now: datetime) -> None:
    """Puts the comment off for this moderator from ``now``, also if it was put off before."""
    statement = insert_into(conn, skips).values(comment_id=comment_id, moderator_id=moderator_id, skipped_at=now)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["moderator_id", "comment_id"], set_={"skipped_at": now})
    )


def newest(conn: Connection, moderator_id: str, site_ids: Sequence[str], *, since: datetime) -> Skip | None:
    """The newest skip among comments that still wait."""
    named = {"moderator_id": moderator_id, "site_ids": site_ids, "since": since}
    row = conn.execute(_NEWEST, named).one_or_none()
    return Skip(row.id, row.site_id, row.skipped_at) if row else None


# Made once: every page of the queue runs it
_NEWEST = (
    sa.select(comments.c.id, comments.c.site_id, skips.c.skipped_at)
    .join(comments, comments.c.id == skips.c.comment_id)
    .where(skips.c.moderator_id == sa.bindparam("moderator_id"), skips.c.skipped_at >= sa.bindparam("since"))
    .where(comments.c.site_id.in_(sa.bindparam("site_ids", expanding=True)))
    .where(sa.or_(comments.c.status == CommentStatus.FLAGGED, sa.text(f"({NOTICED_ONLINE})")))
    .order_by(skips.c.skipped_at.desc())
    .limit(1)
)


def take_back(conn: Connection, comment_id: str, moderator_id: str) -> bool:
    """False if the comment was not put off."""
    where = sa.and_(skips.c.moderator_id == moderator_id, skips.c.comment_id == comment_id)
    return conn.execute(skips.delete().where(where)).rowcount == 1


def forget(conn: Connection, moderator_id: str, *, before: datetime | None = None) -> int:
    """Returns skipped comments to the moderator's queue."""
    where = [skips.c.moderator_id == moderator_id]
    if before is not None:
        where.append(skips.c.skipped_at < before)
    return conn.execute(skips.delete().where(*where)).rowcount
