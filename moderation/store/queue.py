"""The flagged queue: its pages in each order, the next comment to read, and the claims that moderators lay on them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from moderation.schema import ESCALATED, IN_QUEUE, articles, authors, claims, comments, moderators, sites, skips


class Order(StrEnum):
    PRIORITY = "priority"  # expected harm, reports, age
    NEWEST = "newest"
    OLDEST = "oldest"
    TOXICITY = "toxicity"
    RELEVANCE = "relevance"  # least relevant first
    LIGHTEST = "lightest"  # least toxic first


@dataclass(frozen=True, slots=True)
class Sorting:
    """Comments without the score come last, in whichever direction."""

    column: sa.Column[Any]
    descending: bool
    key: Callable[[Row[Any]], Any]

    def place(self, row: Row[Any]) -> tuple[bool, Any, str]:
        """For comparing rows of several sites."""
        value = self.key(row)
        return ((value is None) is not self.descending, 0 if value is None else value, row.id)


SORTINGS: dict[Order, Sorting] = {
    Order.PRIORITY: Sorting(comments.c.priority, True, lambda row: row.priority),
    Order.NEWEST: Sorting(comments.c.id, True, lambda row: row.id),  # ids grow with the time of arrival
    Order.OLDEST: Sorting(comments.c.id, False, lambda row: row.id),
    Order.TOXICITY: Sorting(comments.c.toxicity, True, lambda row: row.toxicity),
    Order.RELEVANCE: Sorting(comments.c.relevance, False, lambda row: row.relevance),
    Order.LIGHTEST: Sorting(comments.c.toxicity, False, lambda row: row.toxicity),
}


@dataclass(frozen=True, slots=True)
class QueueView:
    """Which part of the queue somebody looks at. ``site_ids`` are always sites that they work for."""

    site_ids: tuple[str, ...]
    order: Order = Order.PRIORITY
    signal: str | None = None
    section: str | None = None
    article_id: str | None = None
    author_id: str | None = None
    language: str | None = None
    older_than: datetime | None = None
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A line of the queue."""

    id: str
    site_id: str
    external_id: str
    version: int
    text: str
    flagged_for: str | None
    toxicity: float | None
    relevance: float | None
    reports: int
    received_at: datetime
    author_name: str | None
    article_title: str | None
    cursor: tuple[Any, str]  # where a page ends
    claimed_by: str | None = None
    claimant_id: str | None = field(default=None)


def page(
    conn: Connection, view: QueueView, *, now: datetime, after: tuple[Any, str] | None, limit: int
) -> list[Queued]:
    """Lines in the view's order that come after the cursor, with who is reading each."""
    statement = _lines(now)
    rows = _merged(conn, statement, view, after=after, limit=limit)
    return [_queued(row, view.order) for row in rows]


def next_for(
    conn: Connection, view: QueueView, moderator_id: str, *, now: datetime, after: tuple[Any, str] | None = None
) -> str | None:
    """The first comment that nobody else is reading and that this moderator has not put off."""
    taken = sa.exists().where(
        claims.c.comment_id == comments.c.id, claims.c.moderator_id != moderator_id, claims.c.expires_at > now
    )
    put_off = sa.exists().where(skips.c.comment_id == comments.c.id, skips.c.moderator_id == moderator_id)
    statement = sa.select(comments.c.id, *_keys()).where(~taken, ~put_off)
    rows = _merged(conn, statement, view, after=after, limit=1)
    return rows[0].id if rows else None


def cursor_of(conn: Connection, comment_id: str, order: Order) -> tuple[Any, str] | None:
    """Where a comment stands in an order, whether or not it is still in the queue."""
    row = conn.execute(sa.select(comments.c.id, *_keys()).where(comments.c.id == comment_id)).one_or_none()
    return (SORTINGS[order].key(row), row.id) if row else None


def count(conn: Connection, view: QueueView, *, at_most: int) -> int:
    """How many comments are in the view, counted no further than ``at_most``."""
    total = 0
    for site_id in view.site_ids:
        few = in_view(sa.select(sa.literal(1)), view, site_id).limit(at_most - total).subquery()
        total += conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()
        if total >= at_most:
            break
    return total


def is_escalated(conn: Connection, comment_id: str) -> bool:
    query = sa.select(comments.c.escalated_at).where(comments.c.id == comment_id)
    return conn.execute(query).scalar_one() is not None


def claim(conn: Connection, comment_id: str, moderator_id: str, *, now: datetime, lease: timedelta) -> bool:
    """Takes or renews the lease. False when somebody else holds it."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(claims)
        .values(comment_id=comment_id, moderator_id=moderator_id, expires_at=now + lease)
        .on_conflict_do_update(
            index_elements=["comment_id"],
            set_={"moderator_id": moderator_id, "expires_at": now + lease},
            where=sa.or_(claims.c.moderator_id == moderator_id, claims.c.expires_at <= now),
        )
        .returning(claims.c.comment_id)  # PostgreSQL counts no rows of an INSERT
    )
    return conn.execute(statement).first() is not None


def claimant(conn: Connection, comment_id: str, *, now: datetime) -> tuple[str, str] | None:
    """(id, name) of whoever reads the comment now."""
    query = (
        sa.select(moderators.c.id, moderators.c.name)
        .join(claims, claims.c.moderator_id == moderators.c.id)
        .where(claims.c.comment_id == comment_id, claims.c.expires_at > now)
    )
    row = conn.execute(query).one_or_none()
    return (row.id, row.name) if row else None


def release(conn: Connection, moderator_id: str, *, but: str | None = None) -> None:
    """Ends this moderator's claims, except the one on ``but``."""
    where = [claims.c.moderator_id == moderator_id]
    if but is not None:
        where.append(claims.c.comment_id != but)
    conn.execute(claims.delete().where(*where))


def _keys() -> list[sa.Column[Any]]:
    return [comments.c.priority, comments.c.toxicity, comments.c.relevance]


def _lines(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(
            comments,
            authors.c.name.label("author_name"),
            articles.c.title.label("article_title"),
            moderators.c.id.label("claimant_id"),
            moderators.c.name.label("claimed_by"),
        )
        .join(authors, authors.c.id == comments.c.author_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .outerjoin(claims, sa.and_(claims.c.comment_id == comments.c.id, claims.c.expires_at > now))
        .outerjoin(moderators, moderators.c.id == claims.c.moderator_id)
    )


def _merged(
    conn: Connection, statement: sa.Select[Any], view: QueueView, *, after: tuple[Any, str] | None, limit: int
) -> list[Row[Any]]:
    """One query per site, so that each walks its index; the few rows of each are merged here."""
    sorting = SORTINGS[view.order]
    streams = [
        _read(conn, in_view(statement, view, site_id), sorting, after=after, limit=limit) for site_id in view.site_ids
    ]
    merged: Iterator[Row[Any]] = heapq.merge(*streams, key=sorting.place, reverse=sorting.descending)
    return [row for row, _ in zip(merged, range(limit), strict=False)]


def _read(
    conn: Connection, statement: sa.Select[Any], sorting: Sorting, *, after: tuple[Any, str] | None, limit: int
) -> list[Row[Any]]:
    """Those with the score and then, if there is room, those without: each part is a stretch of the same index."""
    rows: list[Row[Any]] = []
    if after is None or after[0] is not None:
        rows += conn.execute(_ordered(statement, sorting, after).limit(limit))
        after = None
    if sorting.column.nullable and len(rows) < limit:
        rows += conn.execute(_unscored(statement, sorting, after).limit(limit - len(rows)))
    return rows


def in_view(statement: sa.Select[Any], view: QueueView, site_id: str) -> sa.Select[Any]:
    statement = statement.where(comments.c.site_id == site_id, sa.text(ESCALATED if view.escalated else IN_QUEUE))
    wanted = {"flagged_for": view.signal, "article_id": view.article_id, "author_id": view.author_id}
    for column, value in (*wanted.items(), ("language", view.language), ("section", view.section)):
        if value is not None:
            statement = statement.where(comments.c[column] == value)
    if view.older_than is not None:  # no index has it: the one that gives the order is to be walked, and most are older
        statement = statement.where(comments.c.received_at < view.older_than)
    return statement


def _ordered(statement: sa.Select[Any], sorting: Sorting, after: tuple[Any, str] | None) -> sa.Select[Any]:
    column, comment_id = sorting.column, comments.c.id
    if column.nullable:
        statement = statement.where(column.is_not(None))
    if after is not None:
        value = sa.bindparam(None, after[0], type_=column.type)
        last = sa.bindparam(None, after[1], type_=comment_id.type)
        here, there = sa.tuple_(column, comment_id), sa.tuple_(value, last)
        statement = statement.where(here < there if sorting.descending else here > there)
    columns = [column] if column is comment_id else [column, comment_id]
    return statement.order_by(*(c.desc() if sorting.descending else c.asc() for c in columns))


def _unscored(statement: sa.Select[Any], sorting: Sorting, after: tuple[Any, str] | None) -> sa.Select[Any]:
    comment_id = comments.c.id
    if after is not None:
        statement = statement.where(comment_id < after[1] if sorting.descending else comment_id > after[1])
    statement = statement.where(sorting.column.is_(None))
    return statement.order_by(comment_id.desc() if sorting.descending else comment_id.asc())


def _queued(row: Row[Any], order: Order) -> Queued:
    return Queued(
        id=row.id,
        site_id=row.site_id,
        external_id=row.external_id,
        version=row.version,
        text=row.text,
        flagged_for=row.flagged_for,
        toxicity=row.toxicity,
        relevance=row.relevance,
        reports=row.reports,
        received_at=row.received_at,
        author_name=row.author_name,
        article_title=row.article_title,
        cursor=(SORTINGS[order].key(row), row.id),
        claimed_by=row.claimed_by,
        claimant_id=row.claimant_id,
    )


def site_names(conn: Connection, site_ids: Sequence[str]) -> dict[str, str]:
    rows = conn.execute(sa.select(sites.c.id, sites.c.name).where(sites.c.id.in_(site_ids)).order_by(sites.c.name))
    return {row.id: row.name for row in rows}
