"""Everything that a moderator sees of one comment: thread, article, author, scores, decisions, edits, reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.ground.values.articles import Article
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.scoring import Scoring
from moderation.spine.articles.rows import article_from, author_from
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.rows import comment_from
from moderation.spine.comments.tables import comment_edits, comments, reports

MAX_ANCESTORS = 8
MAX_REPLIES = 5
MAX_REPORTS = 50
MAX_EDITS = 20


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A comment of the same thread."""

    id: str
    text: str
    status: CommentStatus
    author_name: str | None
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    version: int
    text: str  # as it was before
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class ReaderReport:
    reason: str
    note: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewContext:
    comment: Comment
    article: Article
    author: Author
    flagged_for: str | None
    escalated_at: datetime | None
    campaign_id: str | None  # of the campaign that it is a copy in
    ancestors: tuple[Neighbour, ...]  # the parent last
    replies: tuple[Neighbour, ...]  # the first ones
    has_more_replies: bool
    scoring: Scoring | None
    decisions: tuple[Decision, ...]  # newest first
    edits: tuple[Edit, ...]  # newest first
    reports: tuple[ReaderReport, ...]

    @property
    def flagging(self) -> Decision | None:
        """The decision that says why the comment is here: the newest one that gave reasons."""
        return next((d for d in self.decisions if d.reasons), None)


def load(conn: Connection, comment_id: str) -> ReviewContext:
    """Raises NotFound."""
    record = conn.execute(_WHOLE, {"comment_id": comment_id}).one_or_none()
    if record is None:
        raise NotFound("comment", comment_id)
    row, article, author = (_of(table, record) for table in (comments, articles, authors))
    replies = replies_to(conn, comment_id, after=None, limit=MAX_REPLIES + 1)
    return ReviewContext(
        comment=comment_from(vars(row)),
        article=article_from(article),
        author=author_from(author),
        flagged_for=row.flagged_for,
        escalated_at=row.escalated_at,
        campaign_id=row.campaign_id,
        ancestors=_ancestors(conn, row.parent_id),
        replies=replies[:MAX_REPLIES],
        has_more_replies=len(replies) > MAX_REPLIES,
        scoring=scoring.latest_scoring(conn, comment_id),
        decisions=tuple(decisions.decisions_of(conn, comment_id)),
        edits=_edits(conn, comment_id),
        reports=_reports(conn, comment_id) if row.reports else (),
    )


def replies_to(conn: Connection, comment_id: str, *, after: str | None, limit: int) -> tuple[Neighbour, ...]:
    """The replies in the order of arrival; ``after`` is the id of the last reply on the page before."""
    query, named = _REPLIES, {"comment_id": comment_id, "most": limit}
    if after is not None:
        query, named = query.where(comments.c.id > sa.bindparam("after")), {**named, "after": after}
    return tuple(_neighbour(row._mapping) for row in conn.execute(query, named))


# Made once: every page of the queue runs them
_WHOLE = (
    sa.select(comments, articles, authors)
    .join(articles, articles.c.id == comments.c.article_id)
    .join(authors, authors.c.id == comments.c.author_id)
    .where(comments.c.id == sa.bindparam("comment_id"))
)
_NEIGHBOURS = sa.select(
    comments.c.id,
    comments.c.parent_id,
    comments.c.text,
    comments.c.status,
    comments.c.posted_at,
    authors.c.name.label("author_name"),
).join(authors, authors.c.id == comments.c.author_id)
_REPLIES = (
    _NEIGHBOURS.where(comments.c.parent_id == sa.bindparam("comment_id"))
    .order_by(comments.c.id)
    .limit(sa.bindparam("most"))
)
_PARENT = _NEIGHBOURS.where(comments.c.id == sa.bindparam("comment_id"))
_EDITS = (
    sa.select(comment_edits)
    .where(comment_edits.c.comment_id == sa.bindparam("comment_id"))
    .order_by(comment_edits.c.version.desc())
    .limit(MAX_EDITS)
)


def _of(table: sa.Table, row: Row[Any]) -> Any:
    """One table's part of a row in which several tables have columns of the same name."""
    return SimpleNamespace(**{column.name: row._mapping[column] for column in table.c})


def _ancestors(conn: Connection, parent_id: str | None) -> tuple[Neighbour, ...]:
    ancestors: list[Neighbour] = []
    while parent_id is not None and len(ancestors) < MAX_ANCESTORS:
        row = conn.execute(_PARENT, {"comment_id": parent_id}).one()
        ancestors.append(_neighbour(row._mapping))
        parent_id = row.parent_id
    return tuple(reversed(ancestors))


def _neighbour(row: Mapping[Any, Any]) -> Neighbour:
    return Neighbour(row["id"], row["text"], CommentStatus(row["status"]), row["author_name"], row["posted_at"])


def _edits(conn: Connection, comment_id: str) -> tuple[Edit, ...]:
    rows = conn.execute(_EDITS, {"comment_id": comment_id})
    return tuple(Edit(row.version, row.text, row.replaced_at) for row in rows)


def _reports(conn: Connection, comment_id: str) -> tuple[ReaderReport, ...]:
    query = (
        sa.select(reports)
        .where(reports.c.comment_id == comment_id)
        .order_by(reports.c.created_at.desc())
        .limit(MAX_REPORTS)
    )
    return tuple(ReaderReport(r.reason, r.note, r.created_at) for r in conn.execute(query))
