"""One thread: its replies from a place on, and those around one comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.readers.pages.cursors import place_of, values_of
from moderation.readers.pages.line_rows import PageLine, line_or_gone, lines
from moderation.readers.pages.page_rows import PageThread
from moderation.readers.pages.tables import shown_comments
from moderation.spine.comments.tables import comments

AROUND = 5  # replies before and after the comment that a link names


@dataclass(frozen=True, slots=True)
class _Named:
    """The comment that a page names, and the thread that it is in."""

    id: str
    root_id: str
    posted_at: datetime
    is_root: bool


def replies(
    conn: Connection, site_id: str, article_id: str, external_id: str, *, after: str | None, limit: int
) -> tuple[list[PageLine], str | None] | None:
    """A page of them with the cursor of the next one; None where readers see no such comment under the article. Raises
    ValueError for a cursor that is none."""
    named = _find(conn, site_id, article_id, external_id)
    if named is None:
        return None
    bound = [] if after is None else [_place() > sa.tuple_(*_bound_of(after))]
    ids = _walk(conn, named.root_id, bound, is_rising=True, limit=limit + 1)
    by_id = lines(conn, ids[:limit])
    page = [by_id[id] for id in ids[:limit] if id in by_id and not by_id[id].is_gone]
    return page, (_cursor(by_id[ids[limit - 1]]) if len(ids) > limit and ids[limit - 1] in by_id else None)


def around(conn: Connection, site_id: str, article_id: str, external_id: str) -> PageThread | None:
    """The thread with the comment and its neighbours; None where readers see no such comment under the article."""
    named = _find(conn, site_id, article_id, external_id)
    if named is None:
        return None
    root = conn.execute(sa.select(shown_comments).where(shown_comments.c.id == named.root_id)).one()
    here = sa.tuple_(*_bound_of(place_of(named.posted_at, named.id)))
    before = [] if named.is_root else _walk(conn, root.id, [_place() < here], is_rising=False, limit=AROUND)[::-1]
    since = [] if named.is_root else [_place() >= here]
    following = _walk(conn, root.id, since, is_rising=True, limit=AROUND + 2)
    ids = [*before, *following[: AROUND + 1]]
    by_id = lines(conn, [root.id, *ids])
    some = tuple(by_id[id] for id in ids if id in by_id and not by_id[id].is_gone)
    skipped = _count_before(conn, root.id, some[0]) if before and some else 0
    has_more = len(following) > AROUND + 1 and bool(some)
    shown = line_or_gone(by_id, root.id, root.posted_at)
    return PageThread(shown, root.replies, some, skipped, _cursor(some[-1]) if has_more else None)


def _find(conn: Connection, site_id: str, article_id: str, external_id: str) -> _Named | None:
    c = shown_comments.c
    query = (
        sa.select(c.id, c.root_id, c.posted_at)
        .join(comments, comments.c.id == c.id)
        .where(comments.c.site_id == site_id, comments.c.external_id == external_id, c.article_id == article_id)
    )
    row = conn.execute(query).one_or_none()
    return _Named(row.id, row.root_id or row.id, row.posted_at, row.root_id is None) if row else None


def _walk(
    conn: Connection, root_id: str, bounds: Sequence[sa.ColumnElement[bool]], *, is_rising: bool, limit: int
) -> list[str]:
    c = shown_comments.c
    order = (c.posted_at, c.id) if is_rising else (c.posted_at.desc(), c.id.desc())
    query = sa.select(c.id).where(c.root_id == root_id, *bounds).order_by(*order).limit(limit)
    return list(conn.execute(query).scalars())


def _count_before(conn: Connection, root_id: str, first: PageLine) -> int:
    here = sa.tuple_(*_bound_of(_cursor(first)))
    query = sa.select(sa.func.count()).where(shown_comments.c.root_id == root_id, _place() < here)
    return conn.execute(query).scalar_one()


def _place() -> sa.Tuple:
    return sa.tuple_(shown_comments.c.posted_at, shown_comments.c.id)


def _cursor(line: PageLine) -> str:
    """The replies after this one."""
    return place_of(line.posted_at, line.id)


def _bound_of(cursor: str) -> tuple[sa.ColumnElement[Any], ...]:
    """The place that a cursor without a rank names. Raises ValueError for one that is none."""
    at, comment_id = values_of(cursor)
    return (
        sa.bindparam(None, at, type_=shown_comments.c.posted_at.type),
        sa.bindparam(None, comment_id, type_=shown_comments.c.id.type),
    )
