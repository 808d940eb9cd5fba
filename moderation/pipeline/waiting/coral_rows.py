"""Comments that a Coral sent, beside what it knows of them: those whose status it has yet to hear."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments
from moderation.spine.events.coral_rows import StatusDue
from moderation.spine.events.tables import coral_comments


def find_comment_id(conn: Connection, site_id: str, coral_id: str) -> str | None:
    """The site's own id of the comment that Coral knows as ``coral_id``; None if it is not known."""
    query = (
        sa.select(comments.c.external_id)
        .join(coral_comments, coral_comments.c.comment_id == comments.c.id)
        .where(coral_comments.c.site_id == site_id, coral_comments.c.coral_id == coral_id)
    )
    return conn.execute(query.limit(1)).scalar()


def due(conn: Connection, site_id: str, *, now: datetime, limit: int) -> list[StatusDue]:
    """The site's comments whose next attempt is due, the earliest first."""
    mine, c = coral_comments.c, comments.c
    query = (
        sa.select(
            c.id, c.status, mine.told, c.text, authors.c.external_id.label("author"),
            articles.c.external_id.label("story"), mine.coral_id, mine.attempts,
            mine.next_attempt_at,
        )
        .join(comments, c.id == mine.comment_id)
        .join(authors, authors.c.id == c.author_id)
        .join(articles, articles.c.id == c.article_id)
        .where(mine.site_id == site_id, mine.next_attempt_at <= now)
        .order_by(mine.next_attempt_at)
        .limit(limit)
    )  # fmt: skip
    return [
        StatusDue(
            r.id,
            CommentStatus(r.status),
            CommentStatus(r.told),
            r.text,
            r.author,
            r.story,
            r.coral_id,
            r.attempts,
            r.next_attempt_at,
        )
        for r in conn.execute(query)
    ]
