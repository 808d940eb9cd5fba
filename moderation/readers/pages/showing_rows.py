"""The parts that pages show, as stored: read for a batch of comments, and written with its changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.prepared import Prepared
from moderation.ground.values.statuses import CommentStatus
from moderation.readers.pages.tables import shown_articles, shown_comments
from moderation.spine.comments.tables import comments

AT_ONCE = 500  # names in one query: SQLite takes 32,766 variables
DEEPEST = 1_000  # answers to answers, upwards to the next one that readers see


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of what pages show. Of a reply, ``root_id`` is the comment that began the thread."""

    id: str
    site_id: str
    article_id: str
    root_id: str | None
    posted_at: datetime
    is_gone: bool
    replies: int


@dataclass(frozen=True, slots=True)
class Appearing:
    """A published comment, as far as a page needs to place it."""

    id: str
    site_id: str
    article_id: str
    is_reply: bool
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Root:
    """The comment that began a thread."""

    id: str
    posted_at: datetime


def change(conn: Connection, article_ids: Iterable[tuple[str, str]]) -> None:
    """Raises the versions of articles, each with its site's id, and locks them until the transaction ends. In order, so
    that two writers lock them in the same order."""
    ordered = sorted(article_ids)
    first = [
        {"article_id": article_id, "site_id": site_id, "version": 1, "comments": 0, "roots": 0}
        for article_id, site_id in ordered
    ]
    if first:
        _CHANGED[conn.dialect.name].write(conn, first)


def articles_of(conn: Connection, comment_ids: Collection[str]) -> set[tuple[str, str]]:
    """The articles of the comments, each with its site's id."""
    c = comments.c
    return {
        (row.article_id, row.site_id)
        for some in _parts(comment_ids)
        for row in conn.execute(sa.select(c.article_id, c.site_id).where(c.id.in_(some)).distinct())
    }


def out_of_step(conn: Connection, *, since: str, limit: int) -> list[str]:
    """Comments with an id from ``since`` on that are published and not shown, or shown and not published."""
    c, s = comments.c, shown_comments.c
    is_published = c.status == CommentStatus.PUBLISHED
    is_shown = sa.and_(s.id.is_not(None), s.is_gone.is_(False))
    wrong = sa.or_(sa.and_(is_published, ~is_shown), sa.and_(~is_published, is_shown))
    query = sa.select(c.id).outerjoin(shown_comments, s.id == c.id).where(c.id >= since, wrong)
    return list(conn.execute(query.order_by(c.id).limit(limit)).scalars())


def articles_shown(conn: Connection, comment_ids: Collection[str]) -> set[tuple[str, str]]:
    """The articles under which readers see any of the comments, each with its site's id."""
    c = shown_comments.c
    return {
        (row.article_id, row.site_id)
        for some in _parts(comment_ids)
        for row in conn.execute(sa.select(c.article_id, c.site_id).where(c.id.in_(some)).distinct())
    }


def appearing(conn: Connection, comment_ids: Collection[str]) -> list[Appearing]:
    """Those that are published, the oldest first."""
    c = comments.c
    columns = (c.id, c.site_id, c.article_id, c.parent_id, c.posted_at)
    published = [
        Appearing(row.id, row.site_id, row.article_id, row.parent_id is not None, row.posted_at)
        for some in _parts(comment_ids)
        for row in conn.execute(sa.select(*columns).where(c.id.in_(some), c.status == CommentStatus.PUBLISHED))
    ]
    return sorted(published, key=lambda comment: (comment.posted_at, comment.id))


def roots_of(conn: Connection, reply_ids: Collection[str]) -> dict[str, Root]:
    """By reply: up the answers to one that readers see, whose thread is known, or to the first of all."""
    roots: dict[str, Root] = {}
    for some in _parts(reply_ids):
        for row in conn.execute(_UPWARDS, {"reply_ids": list(some)}):  # step by step, so the last one stays
            roots[row.reply_id] = Root(row.root_id or row.at_id, row.posted_at)
    return roots


def _upwards() -> sa.Select[Any]:
    parents = comments.alias("parents")
    up = (
        sa.select(comments.c.id.label("reply_id"), comments.c.parent_id.label("at_id"), sa.literal(0).label("step"))
        .where(comments.c.id.in_(sa.bindparam("reply_ids", expanding=True)))
        .cte("up", recursive=True)
    )
    up = up.union_all(
        sa.select(up.c.reply_id, parents.c.parent_id, up.c.step + 1)
        .join(parents, parents.c.id == up.c.at_id)
        .outerjoin(shown_comments, shown_comments.c.id == up.c.at_id)
        .where(shown_comments.c.id.is_(None), parents.c.parent_id.is_not(None), up.c.step < DEEPEST)
    )
    return (
        sa.select(up.c.reply_id, up.c.at_id, shown_comments.c.root_id, comments.c.posted_at)
        .join(comments, comments.c.id == up.c.at_id)
        .outerjoin(shown_comments, shown_comments.c.id == up.c.at_id)
        .order_by(up.c.step)
    )


_UPWARDS = _upwards()


def shown(conn: Connection, comment_ids: Collection[str]) -> dict[str, ShownRow]:
    """The comments that pages show, by id; a comment that readers never saw is left out."""
    return {
        row.id: _shown(row)
        for some in _parts(comment_ids)
        for row in conn.execute(sa.select(shown_comments).where(shown_comments.c.id.in_(some)))
    }


def write(
    conn: Connection,
    before: Mapping[str, ShownRow],
    after: Mapping[str, ShownRow],
    comment_steps: Mapping[str, int],
    root_steps: Mapping[str, int],
) -> None:
    """The changes of a batch, and the steps of the counts by article."""
    if dropped := sorted(before.keys() - after.keys()):
        for some in _parts(dropped):
            conn.execute(shown_comments.delete().where(shown_comments.c.id.in_(some)))
    if new := sorted(after.keys() - before.keys()):
        conn.execute(shown_comments.insert(), [_columns(after[id]) for id in new])
    changed = [row for id, row in after.items() if id in before and before[id] != row]
    if changed:
        conn.execute(_CHANGE, [{"shown_id": row.id, **_as_new(row)} for row in changed])
    steps = [
        {"article": article_id, "comment_step": comment_steps.get(article_id, 0), "step": root_steps.get(article_id, 0)}
        for article_id in sorted(comment_steps.keys() | root_steps.keys())
    ]
    if steps:
        conn.execute(_COUNT, steps)


_CHANGED = {
    dialect: Prepared(
        insert(shown_articles).on_conflict_do_update(
            index_elements=["article_id"], set_={"version": shown_articles.c.version + 1}
        ),
        given=("article_id", "site_id", "version", "comments", "roots"),
    )
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_CHANGE = (
    shown_comments.update()
    .where(shown_comments.c.id == sa.bindparam("shown_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("is_gone", "replies")})
)
_COUNT = (
    shown_articles.update()
    .where(shown_articles.c.article_id == sa.bindparam("article"))
    .values(
        comments=shown_articles.c.comments + sa.bindparam("comment_step"),
        roots=shown_articles.c.roots + sa.bindparam("step"),
    )
)


def _columns(row: ShownRow) -> dict[str, Any]:
    place = {"id": row.id, "site_id": row.site_id, "article_id": row.article_id, "root_id": row.root_id}
    return {**place, "posted_at": row.posted_at, **_changing(row)}


def _changing(row: ShownRow) -> dict[str, Any]:
    return {"is_gone": row.is_gone, "replies": row.replies}


def _as_new(row: ShownRow) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in _changing(row).items()}


def _shown(row: Row[Any]) -> ShownRow:
    return ShownRow(row.id, row.site_id, row.article_id, row.root_id, row.posted_at, row.is_gone, row.replies)


def _parts(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
