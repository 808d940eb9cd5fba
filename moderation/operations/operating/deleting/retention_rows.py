"""Deletes comments with everything that belongs to them, and texts of comments that stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.learning.tables import vectors
from moderation.law.appeals import rows as appeal_rows
from moderation.law.appeals.tables import appeals
from moderation.law.notices import rows as given_notices
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.operations.all_tables import metadata
from moderation.operations.operating.deleting import erasing_rows as erasing
from moderation.readers.pages import showing
from moderation.spine.comments.tables import (
    EVER,
    comment_edits,
    comment_facts,
    comments,
    fingerprint_bands,
    notices,
    reports,
)
from moderation.spine.events.tables import events
from moderation.spine.second_readings import rows as second_readings


def past_keeping(
    conn: Connection, site_id: str, status: CommentStatus, before: datetime, *, after: str | None, limit: int
) -> list[str]:
    """Comments that have had this status since before ``before``, in order of their ids.

    Ids sort by arrival (UUIDv7), so an index bounds the rows that are read. Comments with undelivered events
    stay, those with an open appeal, and those with a notice, until the notice goes.
    """
    unheard = sa.exists().where(
        events.c.comment_id == comments.c.id,
        events.c.cancelled_at.is_(None),
        sa.or_(events.c.sequence.is_(None), events.c.next_attempt_at.is_not(None)),
    )
    appealed = sa.exists().where(appeals.c.comment_id == comments.c.id, appeals.c.decided_at.is_(None))
    query = _standing_so(site_id, status, before, after).where(~unheard, ~_NOTICED, ~appealed)
    return list(conn.execute(query.limit(limit)).scalars())


_NOTICED = sa.exists().where(notices.c.comment_id == comments.c.id)


def withdrawn_texts(conn: Connection, site_id: str, before: datetime, *, after: str | None, limit: int) -> list[str]:
    """Comments that were withdrawn before ``before`` and still have their text, in order of their ids.

    No event has the text, so one that the site has not heard of yet keeps none.
    """
    query = _standing_so(site_id, CommentStatus.WITHDRAWN, before, after).where(comments.c.text != "")
    return list(conn.execute(query.limit(limit)).scalars())


def _standing_so(site_id: str, status: CommentStatus, before: datetime, after: str | None) -> sa.Select[Any]:
    query = sa.select(comments.c.id).where(
        comments.c.id < first_id_at(before),
        comments.c.site_id == site_id,
        sa.text(EVER),
        comments.c.status == status,
        comments.c.updated_at < before,
    )
    if after is not None:
        query = query.where(comments.c.id > after)
    return query.order_by(comments.c.id)


def delete_comments(conn: Connection, ids: Sequence[str]) -> int:
    """Replies stay, as comments of their own. Returns how many comments went."""
    conn.execute(comments.update().where(comments.c.parent_id.in_(ids)).values(parent_id=None))
    campaign_changes.leave(conn, ids)
    showing.leave(conn, ids)
    for table in reversed(metadata.sorted_tables):  # referring rows first
        if "comment_id" in table.columns:
            conn.execute(table.delete().where(table.c.comment_id.in_(ids)))
    return conn.execute(comments.delete().where(comments.c.id.in_(ids))).rowcount


def erase_texts(conn: Connection, ids: Sequence[str]) -> int:
    """Empties the text, and removes all that repeats it or could give it away: earlier versions, fingerprints, the
    vector, the digest of the body, the notes of reports, the words of notices, quotes. Decisions stay, with the numbers
    behind them. Returns the number of texts.
    """
    campaign_changes.leave(conn, ids)
    for table in (comment_edits, comment_facts, fingerprint_bands, vectors):
        conn.execute(table.delete().where(table.c.comment_id.in_(ids)))
    conn.execute(reports.update().where(reports.c.comment_id.in_(ids)).values(note=None))
    given_notices.forget_words(conn, ids)
    appeal_rows.forget_words(conn, ids)
    second_readings.forget_words(conn, ids)
    erasing.forget_questions(conn, ids)
    erasing.forget_quotes(conn, ids)
    withdrawn = sa.and_(comments.c.id.in_(ids), comments.c.status == CommentStatus.WITHDRAWN, comments.c.text != "")
    return conn.execute(comments.update().where(withdrawn).values(text="", body_digest="")).rowcount
