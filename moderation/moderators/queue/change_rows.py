"""Changes of the queue since a page was made: new arrivals, and lines that others decided or are reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import moment_of
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue.tables import claims
from moderation.moderators.queue.view_rows import QueueView, in_view, online_in_view
from moderation.sites.tables import moderators
from moderation.spine.comments.tables import comments, decisions

MAX_COUNTED = 100
MAX_LOOKED_AT = 1_000  # flagged comments to check, since a filter may match few of them


@dataclass(frozen=True, slots=True)
class Change:
    """A line that has changed since the page was made."""

    comment_id: str
    status: CommentStatus
    is_waiting: bool  # still in this part of the queue
    reader: str | None


def newest_decision(conn: Connection, site_ids: Sequence[str]) -> str | None:
    """It changes with every decision, so a caller knows when to look again."""
    newest = [
        conn.execute(
            sa.select(decisions.c.id).where(decisions.c.site_id == site_id).order_by(decisions.c.id.desc()).limit(1)
        ).scalar_one_or_none()
        for site_id in site_ids
    ]
    return max((id for id in newest if id), default=None)


def count_new(conn: Connection, view: QueueView, since: str) -> int:
    """How many comments entered the view by decisions after ``since``, up to a hundred.

    The decisions are read first: with a join, a database without statistics would begin with the whole queue.
    """
    total = 0
    for site_id in view.site_ids:
        flagged = conn.execute(
            sa.select(decisions.c.comment_id, decisions.c.version + 1)
            .where(
                decisions.c.site_id == site_id,
                decisions.c.id > since,
                decisions.c.status_after == CommentStatus.FLAGGED,
                decisions.c.moderator_id.is_(None),
            )
            .order_by(decisions.c.id.desc())
            .limit(MAX_LOOKED_AT)
        )
        standing = {(comment_id, version) for comment_id, version in flagged}
        ids = [comment_id for comment_id, _ in standing]
        here = in_view(sa.select(comments.c.id, comments.c.version), view, site_id).where(comments.c.id.in_(ids))
        total += sum((row.id, row.version) in standing for row in conn.execute(here)) if ids else 0
    return min(total + _noticed_since(conn, view, since), MAX_COUNTED)


def _noticed_since(conn: Connection, view: QueueView, since: str) -> int:
    """Comments that stay online and that somebody has given notice of since then, for the first time."""
    if view.escalated or not view.site_ids:
        return 0
    here = online_in_view(sa.select(comments.c.noticed_at), view).limit(MAX_LOOKED_AT)
    began = moment_of(since)
    return sum(at is not None and at > began for at in conn.execute(here).scalars())


def changes(
    conn: Connection, view: QueueView, comment_ids: Sequence[str], *, reader_id: str, now: datetime
) -> list[Change]:
    """The lines of a page that others have decided or are reading."""
    others = sa.and_(
        claims.c.comment_id == comments.c.id, claims.c.expires_at > now, claims.c.moderator_id != reader_id
    )
    query = (
        sa.select(
            comments.c.id,
            comments.c.site_id,
            comments.c.status,
            comments.c.escalated_at,
            comments.c.noticed_at,
            moderators.c.name,
        )
        .outerjoin(claims, others)
        .outerjoin(moderators, moderators.c.id == claims.c.moderator_id)
        .where(comments.c.id.in_(comment_ids))  # and no site, because a database might begin with the site
    )
    changed = []
    for row in conn.execute(query):
        is_escalated = row.escalated_at is not None
        is_waiting = row.status == CommentStatus.FLAGGED and is_escalated is view.escalated
        is_waiting |= row.status == CommentStatus.PUBLISHED and row.noticed_at is not None and not view.escalated
        if row.site_id in view.site_ids and (not is_waiting or row.name):
            changed.append(Change(row.id, CommentStatus(row.status), is_waiting, row.name))
    return changed
