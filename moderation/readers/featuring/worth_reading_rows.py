"""Published comments that an editor may want to feature, found by stated limits, and those that are featured now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import IN_LISTS, comments

LOOKED_AT = 1_000  # the site's newest published comments

Hidden = Callable[[sa.ColumnElement[str]], sa.ColumnElement[bool]]
"""By a column of comments' ids, the condition that a comment must not be shown yet."""


@dataclass(frozen=True, slots=True)
class WorthReadingLimits:
    """The limits of what is worth reading. All must hold."""

    chars: int = 200  # at least
    relevance: float = 0.5  # at least; a comment whose topic no model can judge passes
    toxicity: float = 0.3  # at most
    replies: int = 1  # published ones, at least


@dataclass(frozen=True, slots=True)
class Worth:
    """A comment with the values that it is found by."""

    id: str
    version: int
    text: str
    posted_at: datetime
    author_id: str
    author_name: str | None
    article_title: str | None
    chars: int
    relevance: float | None
    toxicity: float | None
    replies: int


_ANSWERS = comments.alias("answers")


def worth_reading(
    conn: Connection, site_id: str, wish: WorthReadingLimits, *, limit: int, hidden: Hidden
) -> list[Worth]:
    """Of the newest ``LOOKED_AT``, those not featured yet, reported by nobody and not hidden: the most replied to
    first. A comment that is found here shows its verdict."""
    newest = _published(site_id).where(sa.text(IN_LISTS)).order_by(*_NEWEST).limit(LOOKED_AT).subquery("newest")
    fitting = (
        sa.select(newest.c.id, _replies_to(newest.c.id).label("replies"))
        .where(
            newest.c.featured_at.is_(None),
            newest.c.reports == 0,
            ~hidden(newest.c.id),
            newest.c.chars >= wish.chars,
            newest.c.toxicity <= wish.toxicity,
            sa.or_(newest.c.relevance.is_(None), newest.c.relevance >= wish.relevance),
        )
        .subquery("fitting")
    )
    replied = sa.select(fitting).where(fitting.c.replies >= wish.replies)
    best = replied.order_by(fitting.c.replies.desc(), fitting.c.id.desc()).limit(limit).subquery("best")
    query = _with_names(best.c.replies).join(best, best.c.id == comments.c.id)
    return _read(conn, query.order_by(best.c.replies.desc(), comments.c.id.desc()))


def featured(conn: Connection, site_id: str, *, limit: int, hidden: Hidden) -> list[Worth]:
    """The newest by the time of writing, without the hidden ones."""
    picks = comments.c.site_id == site_id, comments.c.status == CommentStatus.PUBLISHED
    query = _with_names(_replies_to(comments.c.id)).where(*picks, comments.c.featured_at.is_not(None))
    query = query.where(~hidden(comments.c.id))
    return _read(conn, query.order_by(*_NEWEST).limit(limit))


_CHARS = sa.func.length(comments.c.text)
_NEWEST = (comments.c.posted_at.desc(), comments.c.id.desc())


def _published(site_id: str) -> sa.Select[tuple[object, ...]]:
    columns = (comments.c.id, comments.c.relevance, comments.c.toxicity, comments.c.reports, comments.c.featured_at)
    here = comments.c.site_id == site_id, comments.c.status == CommentStatus.PUBLISHED
    return sa.select(*columns, _CHARS.label("chars")).where(*here)


def _replies_to(comment_id: sa.ColumnElement[str]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(_ANSWERS)
        .where(_ANSWERS.c.parent_id == comment_id, _ANSWERS.c.status == CommentStatus.PUBLISHED)
        .scalar_subquery()
    )


def _with_names(replies: sa.ColumnElement[int]) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            comments,
            _CHARS.label("chars"),
            replies.label("replies"),
            authors.c.name.label("author_name"),
            articles.c.title.label("article_title"),
        )
        .join(authors, authors.c.id == comments.c.author_id)
        .join(articles, articles.c.id == comments.c.article_id)
    )


def _read(conn: Connection, query: sa.Select[tuple[object, ...]]) -> list[Worth]:
    names = Worth.__slots__
    return [Worth(**{name: row._mapping[name] for name in names}) for row in conn.execute(query)]
