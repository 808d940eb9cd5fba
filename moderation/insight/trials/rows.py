"""Reads the last comments that people decided, with the decision that stands on each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.trials.values import PersonsDecision
from moderation.spine.articles.tables import articles
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions

SETTLED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


def decided(conn: Connection, site_id: str, *, limit: int) -> list[PersonsDecision]:
    """Newest first. Comments without a text any more are left out."""
    people = sa.and_(decisions.c.site_id == site_id, sa.text(f"decisions.{BY_PEOPLE}"))
    query = (
        sa.select(
            decisions.c.comment_id, comments.c.text, decisions.c.status_after, decisions.c.category, articles.c.title
        )
        .join(comments, comments.c.id == decisions.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .where(people, decisions.c.status_after.in_(SETTLED), comments.c.text != "", in_force(decisions))
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    return [
        PersonsDecision(row.comment_id, row.text, CommentStatus(row.status_after), row.category, row.title or "")
        for row in conn.execute(query)
    ]
