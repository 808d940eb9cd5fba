"""Pages of an article as readers see them: threads in an order, their first replies, and the version of it all.

Every statement takes its rows off an index, however long the discussion is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult

from moderation.ground.database.prepared import built_once
from moderation.ground.values.articles import ArticleState
from moderation.readers.pages.cursors import FIRST, place_of, values_of
from moderation.readers.pages.line_rows import COLUMNS, PageLine, line, with_people
from moderation.readers.pages.tables import shown_articles, shown_comments
from moderation.spine.articles.tables import articles
from moderation.spine.comments.tables import comments


class PageOrder(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_REPLIED = "most_replied"


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article, as far as a page shows it. ``version`` grows with every change that readers see."""

    id: str
    title: str | None
    url: str | None
    section: str | None
    state: ArticleState
    updated_at: datetime
    is_aged: bool  # closed for its age
    version: int
    comments: int
    roots: int


@dataclass(frozen=True, slots=True)
class PageThread:
    """A comment that began one, with some of its replies, the oldest first."""

    root: PageLine
    replies: int
    some: tuple[PageLine, ...]
    skipped: int  # replies before the first of them
    following: str | None  # the cursor of the replies after the last of them


def find_article(conn: Connection, site_id: str, external_id: str) -> ShownArticle | None:
    """The article with the site's own id; None of an article that Gavel does not know yet."""
    row = conn.execute(_ARTICLE, {"site_id": site_id, "external_id": external_id}).one_or_none()
    if row is None:
        return None
    state = ArticleState(row.state)
    counts = row.version or 0, row.comments or 0, row.roots or 0
    is_aged = state is ArticleState.CLOSED and row.aged_at is not None
    return ShownArticle(row.id, row.title, row.url, row.section, state, row.updated_at, is_aged, *counts)


_ARTICLE = (
    sa.select(
        articles.c.id,
        articles.c.title,
        articles.c.url,
        articles.c.section,
        articles.c.state,
        articles.c.updated_at,
        articles.c.aged_at,
        shown_articles.c.version,
        shown_articles.c.comments,
        shown_articles.c.roots,
    )
    .outerjoin(shown_articles, shown_articles.c.article_id == articles.c.id)
    .where(articles.c.site_id == sa.bindparam("site_id"), articles.c.external_id == sa.bindparam("external_id"))
)


def picks(conn: Connection, article_id: str) -> int:
    """How many of the article's comments are editor's picks."""
    return conn.execute(_PICKS, {"article_id": article_id}).scalar_one()


_PICKS = sa.select(sa.func.count()).where(
    comments.c.article_id == sa.bindparam("article_id"), comments.c.featured_at.is_not(None)
)


def threads(
    conn: Connection, article_id: str, order: PageOrder, *, after: str | None, limit: int, replies: int
) -> list[PageThread]:
    """``after`` is the cursor below the last one of the page before; ValueError when it is none."""
    has_rank, is_rising = order is PageOrder.MOST_REPLIED, order is PageOrder.OLDEST
    place = () if after is None else values_of(after, has_rank=has_rank)
    query = _page(order, is_later=bool(place), has_lateral=conn.dialect.name == "postgresql")
    asked = {"article_id": article_id, "roots": limit, "each": replies}
    asked |= {f"place_{number}": value for number, value in enumerate(place)}
    roots, answers = _sorted_out(conn.execute(query, asked))
    roots.sort(key=lambda root: (root.replies if has_rank else 0, *_when(root.line)), reverse=not is_rising)
    return [_thread(root, sorted(answers[root.line.id], key=_when)) for root in roots]


def cursor_below(thread: PageThread, order: PageOrder) -> str:
    """The threads after this one."""
    return place_of(*_when(thread.root), thread.replies if order is PageOrder.MOST_REPLIED else None)


@dataclass(frozen=True, slots=True)
class _Root:
    line: PageLine
    replies: int


def _sorted_out(rows: CursorResult[Any]) -> tuple[list[_Root], dict[str, list[PageLine]]]:
    """The comments that began threads; and replies by those, without any that is no longer published."""
    roots: list[_Root] = []
    answers: dict[str, list[PageLine]] = defaultdict(list)
    for root_id, replies, id, posted_at, *columns in map(tuple, rows.all()):
        comment = line(id, posted_at, columns)
        if id == root_id:
            roots.append(_Root(comment, replies))
        elif not comment.is_gone:
            answers[root_id].append(comment)
    return roots, answers


def _when(line: PageLine) -> tuple[datetime, str]:
    return line.posted_at, line.id


def _thread(root: _Root, some: Sequence[PageLine]) -> PageThread:
    following = None
    if root.replies > len(some):
        following = place_of(*_when(some[-1])) if some else FIRST
    return PageThread(root.line, root.replies, tuple(some), 0, following)


@built_once()  # building takes a millisecond
def _page(order: PageOrder, *, is_later: bool, has_lateral: bool) -> sa.Select[Any]:
    """The roots, and ``each`` with its first replies, in any order. One statement: hundreds of ids as the parameters of
    a second one take as long as the database does."""
    c = shown_comments.c
    keys = (*((c.replies,) if order is PageOrder.MOST_REPLIED else ()), c.posted_at, c.id)
    is_rising = order is PageOrder.OLDEST
    query = sa.select(c.id, c.posted_at, c.replies).where(
        c.article_id == sa.bindparam("article_id"), c.root_id.is_(None)
    )
    if is_later:
        bound = sa.tuple_(*(sa.bindparam(f"place_{number}", type_=key.type) for number, key in enumerate(keys)))
        query = query.where(sa.tuple_(*keys) > bound if is_rising else sa.tuple_(*keys) < bound)
    query = query.order_by(*(keys if is_rising else [key.desc() for key in keys]))
    roots = query.limit(sa.bindparam("roots", type_=sa.Integer)).cte("roots")
    placed = (
        sa.select(roots.c.id.label("root_id"), roots.c.replies, roots.c.id, roots.c.posted_at)
        .union_all(_first_replies(roots, has_lateral=has_lateral))
        .subquery("placed")
    )
    source = with_people(placed.outerjoin(comments, comments.c.id == placed.c.id))
    columns = (placed.c.root_id, placed.c.replies, placed.c.id, placed.c.posted_at)
    return sa.select(*columns, *COLUMNS).select_from(source)


def _first_replies(roots: sa.CTE, *, has_lateral: bool) -> sa.Select[Any]:
    """A few steps of the index for each root: to number the replies of a thread would read all of them."""
    answers, replies = shown_comments.alias("answers"), shown_comments.alias("replies")
    first = (
        sa.select(answers.c.id, answers.c.posted_at)
        .where(answers.c.root_id == roots.c.id)
        .order_by(answers.c.posted_at, answers.c.id)
        .limit(sa.bindparam("each", type_=sa.Integer))
        .correlate(roots)
    )
    if has_lateral:
        some = first.lateral("first")
        source, columns = roots.join(some, sa.true()), some.c
    else:  # SQLite
        source, columns = roots.join(replies, replies.c.id.in_(first.with_only_columns(answers.c.id))), replies.c
    query = sa.select(roots.c.id, sa.literal_column("0"), columns.id, columns.posted_at).select_from(source)
    return query.where(roots.c.replies > 0)
