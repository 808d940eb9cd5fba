"""Comments that moderators handed on since a page was made: escalated to leads, or asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.moderators.queue.tables import IS_OPEN, IS_UNSEEN, questions
from moderation.sites.tables import moderators
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import ESCALATED, comments, decisions


@dataclass(frozen=True, slots=True)
class Escalation:
    comment_id: str
    author_name: str | None
    by: str


def escalated_since(
    conn: Connection, site_ids: Sequence[str], moment: datetime, *, reader_id: str, limit: int
) -> list[Escalation]:
    """Comments that others than the reader escalated and that still wait, oldest first."""
    escalations: list[Escalation] = []
    for site_id in site_ids:
        query = (
            sa.select(comments.c.id, authors.c.name.label("author_name"), moderators.c.name)
            .join(authors, authors.c.id == comments.c.author_id)
            .join(
                decisions,
                sa.and_(decisions.c.comment_id == comments.c.id, decisions.c.version == comments.c.version - 1),
            )
            .join(moderators, moderators.c.id == decisions.c.moderator_id)
            .where(comments.c.site_id == site_id, sa.text(ESCALATED), comments.c.escalated_at > moment)
            .where(decisions.c.moderator_id != reader_id)
            .order_by(comments.c.escalated_at, comments.c.id)
            .limit(limit)
        )
        escalations += [Escalation(row.id, row.author_name, row.name) for row in conn.execute(query)]
    return escalations[:limit]


def handed_to(conn: Connection, moderator_id: str) -> tuple[int, int]:
    """The numbers of open questions to the moderator, and of answers that the moderator has not seen."""
    return (
        conn.execute(_OPEN, {"moderator_id": moderator_id}).scalar_one(),
        conn.execute(_UNSEEN, {"moderator_id": moderator_id}).scalar_one(),
    )


_ME: sa.BindParameter[str] = sa.bindparam("moderator_id", type_=questions.c.asked_id.type)
_OPEN = sa.select(sa.func.count()).where(questions.c.asked_id == _ME, sa.text(IS_OPEN))
_UNSEEN = sa.select(sa.func.count()).where(questions.c.asker_id == _ME, sa.text(IS_UNSEEN))
