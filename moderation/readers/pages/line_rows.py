"""Comments as readers see them. A comment's text is shown only while its row says that it is published, whatever else
is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comment_edits, comments


class PageLine(NamedTuple):
    """A comment as readers see it. One that ``is_gone`` has no words and no name. A page has 200, and a tuple is made
    in half the time of a frozen dataclass."""

    id: str
    external_id: str
    is_gone: bool
    text: str
    author_name: str | None
    is_staff: bool
    posted_at: datetime
    edited_at: datetime | None
    is_featured: bool
    parent_external_id: str | None
    parent_name: str | None


_parents, _parent_authors = comments.alias("parents"), authors.alias("parent_authors")

COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    comments.c.external_id,
    comments.c.text,
    comments.c.status,
    comments.c.featured_at.is_not(None).label("is_featured"),
    authors.c.name,
    authors.c.is_staff,
    _parents.c.external_id.label("parent_external_id"),
    _parents.c.status.label("parent_status"),
    _parent_authors.c.name.label("parent_name"),
    sa.select(sa.func.max(comment_edits.c.replaced_at))
    .where(comment_edits.c.comment_id == comments.c.id)
    .scalar_subquery()
    .label("edited_at"),
)
"""All that ``line`` needs of a comment beside its id and its time, from ``with_people``."""


def with_people(source: sa.FromClause) -> sa.FromClause:
    """Comments with their authors, and the comments that they answer."""
    return (
        source.outerjoin(authors, authors.c.id == comments.c.author_id)
        .outerjoin(_parents, _parents.c.id == comments.c.parent_id)
        .outerjoin(_parent_authors, _parent_authors.c.id == _parents.c.author_id)
    )


def lines(conn: Connection, comment_ids: Collection[str]) -> dict[str, PageLine]:
    """The lines, by id. A comment that was deleted is left out, one that is no longer published has no words."""
    if not comment_ids:
        return {}
    rows = conn.execute(_LINES, {"comment_ids": list(comment_ids)}).all()
    return {id: line(id, posted_at, columns) for id, posted_at, *columns in rows}


_LINES = (
    sa.select(comments.c.id, comments.c.posted_at, *COLUMNS)
    .select_from(with_people(comments))
    .where(comments.c.id.in_(sa.bindparam("comment_ids", expanding=True)))
)


class ChangeMark(NamedTuple):
    """Another one for a comment whose text or pick has changed."""

    edited_at: datetime | None
    is_featured: bool


def marks(conn: Connection, site_id: str, article_id: str, external_ids: Collection[str]) -> dict[str, ChangeMark]:
    """The marks by the site's ids, of those that are published under the article. A planner that could choose would
    walk the article's comments."""
    rows = conn.execute(_MARKS, {"site_id": site_id, "external_ids": list(external_ids)})
    here = article_id, CommentStatus.PUBLISHED
    return {
        row.external_id: ChangeMark(row.edited_at, row.is_featured)
        for row in rows
        if (row.article_id, row.status) == here
    }


_MARKED = frozenset({"external_id", "status", *ChangeMark._fields})
_MARKS = sa.select(comments.c.article_id, *(column for column in COLUMNS if column.key in _MARKED)).where(
    comments.c.site_id == sa.bindparam("site_id"),
    comments.c.external_id.in_(sa.bindparam("external_ids", expanding=True)),
)


def line(id: str, posted_at: datetime, columns: Sequence[Any]) -> PageLine:
    """``columns`` are the values of ``COLUMNS``. To ask a row for each by its name takes as long as the database."""
    external_id, text, status, is_featured, name, is_staff, *parent, edited_at = columns
    if status != CommentStatus.PUBLISHED:
        return _unknown(external_id or id, posted_at, id)
    parent_external_id, parent_status, parent_name = parent
    return PageLine(
        id=id,
        external_id=external_id,
        is_gone=False,
        text=text,
        author_name=name,
        is_staff=is_staff,
        posted_at=posted_at,
        edited_at=edited_at,
        is_featured=is_featured,
        parent_external_id=parent_external_id,
        parent_name=parent_name if parent_status == CommentStatus.PUBLISHED else None,
    )


def line_or_gone(lines: Mapping[str, PageLine], id: str, posted_at: datetime) -> PageLine:
    """The comment as readers see it, also when it was deleted."""
    return lines.get(id) or _unknown(id, posted_at, id)


def _unknown(external_id: str, posted_at: datetime, id: str) -> PageLine:
    """Readers see that there was a comment, and no more."""
    return PageLine(id, external_id, True, "", None, False, posted_at, None, False, None, None)
