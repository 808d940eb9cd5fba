"""Comments that a Coral sent for moderation: what it was told, and what it has yet to hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.events.tables import coral_comments

FIRST_AFTER = timedelta(seconds=15)  # Coral waits ten seconds for an answer, and then stores the comment


@dataclass(frozen=True, slots=True)
class StatusDue:
    """A comment whose status Coral has yet to hear. Coral knows the ids of author and story; ours are the same."""

    comment_id: str
    status: CommentStatus
    told: CommentStatus
    text: str
    author_id: str
    story_id: str
    coral_id: str | None
    attempts: int
    since: datetime  # when this attempt was due


def insert(conn: Connection, comment_id: str, site_id: str) -> None:
    """A comment that has just arrived. Coral knows only that it waits."""
    conn.execute(coral_comments.insert().values(comment_id=comment_id, site_id=site_id, told=CommentStatus.WAITING))


def note_told(conn: Connection, comment_id: str, status: CommentStatus) -> None:
    conn.execute(coral_comments.update().where(coral_comments.c.comment_id == comment_id).values(told=status))


def mark_due(conn: Connection, comment_ids: Sequence[str], now: datetime) -> None:
    """Those among the comments that came from a Coral will be told to it, once it has had its answer and has given the
    comment an id."""
    mine = coral_comments.c.comment_id.in_(comment_ids)
    conn.execute(coral_comments.update().where(mine).values(next_attempt_at=now + FIRST_AFTER, attempts=0))


def mark_all_told(conn: Connection, site_id: str) -> None:
    """Marks all as told for a site that no longer says where its Coral is."""
    mine = sa.and_(coral_comments.c.site_id == site_id, coral_comments.c.next_attempt_at.is_not(None))
    conn.execute(coral_comments.update().where(mine).values(next_attempt_at=None))


def known_elsewhere(conn: Connection, site_id: str, coral_ids: Sequence[str], comment_id: str) -> set[str]:
    """The ids of Coral's that belong to other comments of the site."""
    c = coral_comments.c
    others = sa.and_(c.site_id == site_id, c.coral_id.in_(coral_ids), c.comment_id != comment_id)
    return set(conn.execute(sa.select(c.coral_id).where(others)).scalars())


def sites_with_due(conn: Connection, now: datetime) -> list[str]:
    query = sa.select(coral_comments.c.site_id).where(coral_comments.c.next_attempt_at <= now).distinct()
    return list(conn.execute(query).scalars())


def note_failure(conn: Connection, due: StatusDue, *, next_at: datetime | None, error: str) -> None:
    """Conditional as ``note_told_later``. It leaves `told` alone, which the web service may have noted meanwhile."""
    conn.execute(_same_attempt(due).values(attempts=due.attempts + 1, next_attempt_at=next_at, last_error=error))


def note_told_later(conn: Connection, due: StatusDue, coral_id: str | None) -> None:
    """Conditional on the time at which the attempt was due: a decision made meanwhile is due anew."""
    done = {"told": due.status, "attempts": due.attempts + 1, "next_attempt_at": None, "last_error": None}
    conn.execute(_same_attempt(due).values(**done, coral_id=coral_id))


def _same_attempt(due: StatusDue) -> sa.Update:
    c = coral_comments.c
    return coral_comments.update().where(c.comment_id == due.comment_id, c.next_attempt_at == due.since)
