"""Deletes comments with everything that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.model import CommentStatus
from moderation.schema import EVER, comments, events, metadata
from moderation.store.database import first_id_at


def past_keeping(
    conn: Connection, site_id: str, status: CommentStatus, before: datetime, *, after: str | None, limit: int
) -> list[str]:
    """Comments that have had this status since before ``before``, in order of their ids.

    Ids sort by arrival (UUIDv7), so an index bounds the rows that are read. Comments with undelivered events
    stay.
    """
    unheard = sa.exists().where(
        events.c.comment_id == comments.c.id,
        events.c.cancelled_at.is_(None),
        sa.or_(events.c.sequence.is_(None), events.c.next_attempt_at.is_not(None)),
    )
    query = sa.select(comments.c.id).where(
        comments.c.id < first_id_at(before),
        comments.c.site_id == site_id,
        sa.text(EVER),
        comments.c.status == status,
        comments.c.updated_at < before,
        ~unheard,
    )
    if after is not None:
        query = query.where(comments.c.id > after)
    return list(conn.execute(query.order_by(comments.c.id).limit(limit)).scalars())


def delete_comments(conn: Connection, ids: Sequence[str]) -> int:
    """Replies stay, as comments of their own. Returns how many comments went."""
    conn.execute(comments.update().where(comments.c.parent_id.in_(ids)).values(parent_id=None))
    for table in reversed(metadata.sorted_tables):  # referring rows first
        if "comment_id" in table.columns:
            conn.execute(table.delete().where(table.c.comment_id.in_(ids)))
    return conn.execute(comments.delete().where(comments.c.id.in_(ids))).rowcount
