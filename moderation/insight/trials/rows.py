"""Reads the last comments that people decided, with the decision that stands on each, and a comment to make a
case of."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks.tables import checks
from moderation.insight.trials.values import PersonsDecision
from moderation.law.appeals.tables import appeals
from moderation.law.appeals.values import AppealOutcome
from moderation.sites.rules.values import CaseOrigin, Must
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions

MOST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Collectable:
    id: str
    text: str
    title: str
    names: tuple[str, ...]  # of its author and of the author it answers
    must: Must
    origin: CaseOrigin


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


def get_collectable(conn: Connection, site_id: str, comment_id: str) -> Collectable:
    """Raises NotFound for a comment of another site or without a text any more."""
    parents, theirs = comments.alias(), authors.alias()
    query = (
        sa.select(comments, articles.c.title, authors.c.name, theirs.c.name.label("answered"))
        .join(articles, articles.c.id == comments.c.article_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .outerjoin(parents, parents.c.id == comments.c.parent_id)
        .outerjoin(theirs, theirs.c.id == parents.c.author_id)
        .where(comments.c.id == comment_id, comments.c.site_id == site_id, comments.c.text != "")
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("comment", comment_id)
    names = tuple(name for name in (row.name, row.answered) if name)
    must = Must.PASS if row.status == CommentStatus.PUBLISHED else Must.HELD
    title = " ".join((row.title or "").split())[:MOST_TITLE].strip()
    return Collectable(row.id, row.text, title, names, must, _origin(conn, comment_id))


def _origin(conn: Connection, comment_id: str) -> CaseOrigin:
    """The clearest sign that somebody was wrong about the comment."""
    overturned = sa.exists().where(appeals.c.comment_id == comment_id, appeals.c.outcome == AppealOutcome.OVERTURNED)
    undone = sa.exists().where(decisions.c.comment_id == comment_id, decisions.c.undoes.is_not(None))
    failed = sa.exists().where(checks.c.comment_id == comment_id, checks.c.outcome != checks.c.verdict)
    signs = ((CaseOrigin.APPEAL, overturned), (CaseOrigin.CHECK, failed), (CaseOrigin.UNDONE, undone))
    row = conn.execute(sa.select(*(sign.label(origin) for origin, sign in signs))).one()
    return next((origin for origin, _ in signs if row._mapping[origin]), CaseOrigin.COMMENT)
