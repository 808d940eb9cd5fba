"""Pages of comments as a site asks for them, in an order and from a cursor on, each walked off an index."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import articles
from moderation.spine.comments.rows import EPOCH, LISTED, Listed, listed_from
from moderation.spine.comments.tables import IN_LISTS, comments


class ListOrder(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"
    MOST_REPLIED = "most_replied"  # of one article: by published replies, then the newest


@dataclass(frozen=True, slots=True)
class CommentsWanted:
    """Comments of a site; narrowed to a thread, an article or an author, a status, and a time of writing."""

    site_id: str
    status: CommentStatus | None = None
    article_id: str | None = None
    author_id: str | None = None
    parent_id: str | None = None
    since: datetime | None = None
    featured: bool | None = None  # only editor's picks, or only others


@dataclass(frozen=True, slots=True)
class CommentState:
    """All that a site needs to see whether its own copy of a comment is current."""

    id: str
    external_id: str
    version: int
    status: CommentStatus
    posted_at: datetime

    @property
    def cursor(self) -> str:
        return _cursor(self.posted_at, self.id)


def page(conn: Connection, wanted: CommentsWanted, order: ListOrder, *, after: str | None, limit: int) -> list[Listed]:
    """``after`` is what ``cursor_of`` gave for the last one of the page before; ValueError when it is none."""
    if order is ListOrder.MOST_REPLIED:
        return _most_replied(conn, wanted, after, limit)
    is_rising = order is ListOrder.OLDEST
    ids = union_of([_walk(conditions, is_rising, after, limit) for conditions in _stretches(wanted)]).subquery()
    query = LISTED.join(ids, ids.c.id == comments.c.id).order_by(*_by_time(is_rising)).limit(limit)
    return [listed_from(row) for row in conn.execute(query)]


def cursor_of(listed: Listed, order: ListOrder) -> str:
    """Where a page ends; opaque to callers."""
    cursor = _cursor(listed.comment.posted_at, listed.comment.id)
    return f"{listed.replies}.{cursor}" if order is ListOrder.MOST_REPLIED else cursor


def states(conn: Connection, article_id: str, *, after: str | None, limit: int) -> list[CommentState]:
    """Every comment of an article, whatever its status, oldest first: an order that no decision changes."""
    conditions = [comments.c.article_id == article_id]
    ids = union_of([_walk([*conditions, comments.c.status == s], True, after, limit) for s in CommentStatus]).subquery()
    columns = (comments.c.id, comments.c.external_id, comments.c.version, comments.c.status, comments.c.posted_at)
    query = sa.select(*columns).join(ids, ids.c.id == comments.c.id).order_by(*_by_time(True)).limit(limit)
    return [
        CommentState(row.id, row.external_id, row.version, CommentStatus(row.status), row.posted_at)
        for row in conn.execute(query)
    ]


def published_counts(conn: Connection, site_id: str, external_ids: Sequence[str]) -> dict[str, int]:
    """How many comments each article shows. An article that the site never named has none."""
    query = sa.select(articles.c.external_id, _PUBLISHED.label("published")).where(
        articles.c.site_id == site_id, articles.c.external_id.in_(external_ids)
    )
    known = {row.external_id: row.published for row in conn.execute(query)}
    return {external_id: known.get(external_id, 0) for external_id in external_ids}


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    micros, _dot, comment_id = cursor.partition(".")
    try:
        return EPOCH + timedelta(microseconds=int(micros)), str(uuid.UUID(comment_id))
    except (OverflowError, ValueError) as e:
        raise ValueError("not a cursor") from e


_PUBLISHED = (
    sa.select(sa.func.count())
    .select_from(comments)
    .where(comments.c.article_id == articles.c.id, comments.c.status == CommentStatus.PUBLISHED)
    .correlate(articles)
    .scalar_subquery()
)


def _most_replied(conn: Connection, wanted: CommentsWanted, after: str | None, limit: int) -> list[Listed]:
    """Counts the article's published replies anew: they are few beside what stored counts would cost every decision."""
    told = (
        sa.select(comments.c.parent_id, sa.func.count().label("replies"))
        .where(
            comments.c.article_id == wanted.article_id,
            comments.c.status == CommentStatus.PUBLISHED,
            comments.c.parent_id.is_not(None),
        )
        .group_by(comments.c.parent_id)
        .cte("told")
    )
    replies = sa.func.coalesce(told.c.replies, 0)
    rank = (replies, comments.c.posted_at, comments.c.id)
    ranked = (
        sa.select(comments.c.id, replies.label("replies"))
        .outerjoin(told, told.c.parent_id == comments.c.id)
        .where(comments.c.article_id == wanted.article_id, comments.c.status == wanted.status, *_picked(wanted))
    )
    if after is not None:
        ranked = ranked.where(sa.tuple_(*rank) < sa.tuple_(*_rank_of(after)))
    first = ranked.order_by(*(column.desc() for column in rank)).limit(limit).subquery()
    query = LISTED.join(first, first.c.id == comments.c.id)
    query = query.order_by(first.c.replies.desc(), comments.c.posted_at.desc(), comments.c.id.desc())
    return [listed_from(row) for row in conn.execute(query)]


def _stretches(wanted: CommentsWanted) -> list[list[sa.ColumnElement[bool]]]:
    """Conditions, each of which an index serves in order of time; one for each status where any will do."""
    since = _picked(wanted) + ([] if wanted.since is None else [comments.c.posted_at >= wanted.since])
    if wanted.author_id is not None:  # few enough that what else is asked for may be looked up
        also = {comments.c.article_id: wanted.article_id, comments.c.status: wanted.status}
        by_author = [comments.c.author_id == wanted.author_id, *since]
        return [by_author + [column == value for column, value in also.items() if value is not None]]
    narrow = _narrow(wanted)
    if wanted.featured and wanted.parent_id is None:  # the indexes of picks hold no other status
        # As an expression, so that SQLite does not take the index of all published comments instead
        status = comments.c.status.concat("")
        other = [] if wanted.status in (None, CommentStatus.PUBLISHED) else [sa.false()]
        return [[*narrow, *since, status == CommentStatus.PUBLISHED.value, *other]]
    statuses = list(CommentStatus) if wanted.status is None else [wanted.status]
    return [[*narrow, comments.c.status == status, *since] for status in statuses]


def _narrow(wanted: CommentsWanted) -> list[sa.ColumnElement[bool]]:
    if wanted.parent_id is not None:
        return [comments.c.parent_id == wanted.parent_id]
    if wanted.article_id is not None:
        return [comments.c.article_id == wanted.article_id]
    if wanted.featured:
        return [comments.c.site_id == wanted.site_id]
    return [comments.c.site_id == wanted.site_id, sa.text(IN_LISTS)]  # type: ignore[list-item]


def _picked(wanted: CommentsWanted) -> list[sa.ColumnElement[bool]]:
    if wanted.featured is None:
        return []
    return [comments.c.featured_at.is_not(None) if wanted.featured else comments.c.featured_at.is_(None)]


def _walk(
    conditions: Sequence[sa.ColumnElement[bool]], is_rising: bool, after: str | None, limit: int
) -> sa.Select[Any]:
    query = sa.select(comments.c.id).where(*conditions)
    if after is not None:
        place = sa.tuple_(comments.c.posted_at, comments.c.id)
        bound = sa.tuple_(*_bound(*parse_cursor(after)))
        query = query.where(place > bound if is_rising else place < bound)
    return query.order_by(*_by_time(is_rising)).limit(limit)


def _by_time(is_rising: bool) -> tuple[sa.ColumnElement[Any], ...]:
    columns = (comments.c.posted_at, comments.c.id)
    return columns if is_rising else tuple(column.desc() for column in columns)


def _rank_of(cursor: str) -> tuple[sa.ColumnElement[Any], ...]:
    replies, _dot, place = cursor.partition(".")
    if not (replies.isascii() and replies.isdigit() and len(replies) < 10):
        raise ValueError("not a cursor")
    return (sa.bindparam(None, int(replies), type_=sa.Integer), *_bound(*parse_cursor(place)))


def _bound(posted_at: datetime, comment_id: str) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        sa.bindparam(None, posted_at, type_=comments.c.posted_at.type),
        sa.bindparam(None, comment_id, type_=comments.c.id.type),
    )


def _cursor(posted_at: datetime, comment_id: str) -> str:
    return f"{(posted_at - EPOCH) // timedelta(microseconds=1)}.{comment_id}"
