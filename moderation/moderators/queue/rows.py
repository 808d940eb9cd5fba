"""The flagged queue: its pages in each order, the next comment to read, and moderators' claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.inserting import insert_into
from moderation.ground.database.prepared import built_once
from moderation.moderators.queue.escalation_rows import IS_OWNED
from moderation.moderators.queue.tables import claims, escalation_owners, skips
from moderation.moderators.queue.view_rows import (
    KEPT,
    SORTINGS,
    Cursor,
    OrderStretch,
    QueueOrder,
    QueueView,
    at,
    first_of,
    in_order,
    parts_of,
)
from moderation.sites.tables import moderators, sites
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments

_SHOWN = (
    "id", "site_id", "external_id", "version", "text", "flagged_for", "toxicity", "relevance", "reports", "posted_at",
    "updated_at", "noticed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueLine:
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
    posted_at: datetime
    held_at: datetime  # of one that is online, when it came there
    author_name: str | None
    article_title: str | None
    cursor: Cursor
    is_online: bool = False  # while it waits, since somebody gave notice that it is illegal
    claimed_by: str | None = None
    claimant_id: str | None = field(default=None)


def page(conn: Connection, view: QueueView, *, now: datetime, after: Cursor | None, limit: int) -> list[QueueLine]:
    """Lines in the view's order after the cursor, each with its present reader."""
    return [_queued(row) for row in _read(conn, _lines, view, after=after, limit=limit, now=now)]


def next_for(
    conn: Connection, view: QueueView, moderator_id: str, *, now: datetime, after: Cursor | None = None
) -> str | None:
    """The first comment that nobody else is reading or has taken, and that this moderator has not put off."""
    rows = _read(conn, _free, view, after=after, limit=1, now=now, moderator_id=moderator_id)
    return rows[0].id if rows else None


def cursor_of(conn: Connection, comment_id: str, order: QueueOrder) -> Cursor | None:
    """A comment's place in an order, whether or not it is still in the queue."""
    value = SORTINGS[order].column.label("value")
    row = conn.execute(sa.select(comments.c.id, value).where(comments.c.id == comment_id)).one_or_none()
    return (row.value, row.id) if row else None


def count(conn: Connection, view: QueueView, *, at_most: int) -> int:
    """The number of comments in the view, counted up to ``at_most``."""
    return counts(conn, [view], at_most=at_most)[0]


def counts(conn: Connection, views: Sequence[QueueView], *, at_most: int) -> list[int]:
    """The number of comments in each view, counted up to ``at_most``, in one statement.

    The views may not name different articles, authors or ages.
    """
    return counts_to(conn, [(view, at_most) for view in views])


def counts_to(conn: Connection, views: Sequence[tuple[QueueView, int]]) -> list[int]:
    """As ``counts``, each view counted up to a number of its own."""
    counted = _all_counted(tuple((view.shape, at_most) for view, at_most in views))
    return list(conn.execute(counted, _together([view for view, _ in views])).one())


def is_escalated(conn: Connection, comment_id: str) -> bool:
    query = sa.select(comments.c.escalated_at).where(comments.c.id == comment_id)
    return conn.execute(query).scalar_one() is not None


def claim(conn: Connection, comment_id: str, moderator_id: str, *, now: datetime, lease: timedelta) -> bool:
    """Takes or renews the lease. False when somebody else holds it."""
    statement = (
        insert_into(conn, claims)
        .values(comment_id=comment_id, moderator_id=moderator_id, expires_at=now + lease)
        .on_conflict_do_update(
            index_elements=["comment_id"],
            set_={"moderator_id": moderator_id, "expires_at": now + lease},
            where=sa.or_(claims.c.moderator_id == moderator_id, claims.c.expires_at <= now),
        )
        .returning(claims.c.comment_id)  # PostgreSQL reports no row count for an INSERT
    )
    return conn.execute(statement).first() is not None


def claimant(conn: Connection, comment_id: str, *, now: datetime) -> tuple[str, str] | None:
    """(id, name) of the moderator who is reading the comment."""
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


def _read(
    conn: Connection,
    query_for: Callable[[QueueView, OrderStretch, int], sa.Select[Any]],
    view: QueueView,
    *,
    after: Cursor | None,
    limit: int,
    **named: Any,
) -> list[Row[Any]]:
    """Comments with the score, and then, if there is room, those without."""
    rows: list[Row[Any]] = []
    if not view.site_ids:
        return rows
    named |= at(after) | view.given
    if after is None or after[0] is not None:
        rows += conn.execute(query_for(view.shape, OrderStretch(True, after is not None), limit), named)
        after = None
    if SORTINGS[view.order].column.nullable and len(rows) < limit:
        rows += conn.execute(query_for(view.shape, OrderStretch(False, after is not None), limit), named)
    return rows[:limit]


def _together(views: Sequence[QueueView]) -> dict[str, Any]:
    """Raises ValueError where two views give the same parameter different values."""
    parameters: dict[str, Any] = {}
    for name, value in (pair for view in views for pair in view.given.items()):
        if parameters.setdefault(name, value) != value:
            raise ValueError(f"two views name a different {name}")
    return parameters


@built_once(KEPT)  # building takes 1.1 ms of a page
def _lines(view: QueueView, stretch: OrderStretch, limit: int) -> sa.Select[Any]:
    picked = first_of(sa.select(comments.c.id), view, stretch, limit)
    is_read = sa.and_(claims.c.comment_id == comments.c.id, claims.c.expires_at > sa.bindparam("now"))
    return (
        sa.select(
            *(comments.c[name] for name in _SHOWN),
            picked.c.value,
            authors.c.name.label("author_name"),
            articles.c.title.label("article_title"),
            moderators.c.id.label("claimant_id"),
            moderators.c.name.label("claimed_by"),
        )
        .join(comments, comments.c.id == picked.c.id)
        .join(authors, authors.c.id == comments.c.author_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .outerjoin(claims, is_read)
        .outerjoin(moderators, moderators.c.id == claims.c.moderator_id)
        .order_by(*in_order(picked, view))
    )


def _free(view: QueueView, stretch: OrderStretch, limit: int) -> sa.Select[Any]:
    me: sa.BindParameter[str] = sa.bindparam("moderator_id")
    taken = sa.exists().where(
        claims.c.comment_id == comments.c.id, claims.c.moderator_id != me, claims.c.expires_at > sa.bindparam("now")
    )
    put_off = sa.exists().where(skips.c.comment_id == comments.c.id, skips.c.moderator_id == me)
    free = sa.select(comments.c.id).where(~taken, ~put_off)
    if view.escalated:
        free = free.where(~sa.exists().where(IS_OWNED, escalation_owners.c.moderator_id != me))
    picked = first_of(free, view, stretch, limit)
    return sa.select(picked).order_by(*in_order(picked, view))


@built_once(KEPT)  # building takes 0.6 ms of a page
def _all_counted(views: tuple[tuple[QueueView, int], ...]) -> sa.Select[Any]:
    counted: list[sa.ColumnElement[Any]] = []
    counted += [_counted(view, at_most).label(f"n{number}") for number, (view, at_most) in enumerate(views)]
    return sa.select(*counted)


def _counted(view: QueueView, at_most: int) -> sa.ScalarSelect[int]:
    row = sa.select(sa.literal(1).label("one"))
    every = union_of(parts_of(row, view) or [row.where(sa.false())])
    return sa.select(sa.func.count()).select_from(every.limit(at_most).subquery()).scalar_subquery()


def _queued(row: Row[Any]) -> QueueLine:
    return QueueLine(
        id=row.id,
        site_id=row.site_id,
        external_id=row.external_id,
        version=row.version,
        text=row.text,
        flagged_for=row.flagged_for,
        toxicity=row.toxicity,
        relevance=row.relevance,
        reports=row.reports,
        posted_at=row.posted_at,
        held_at=row.updated_at,
        author_name=row.author_name,
        article_title=row.article_title,
        cursor=(row.value, row.id),
        is_online=row.noticed_at is not None,
        claimed_by=row.claimed_by,
        claimant_id=row.claimant_id,
    )


def site_names(conn: Connection, site_ids: Sequence[str]) -> dict[str, str]:
    """Names by id, in the order of the names."""
    rows = conn.execute(sa.select(sites.c.id, sites.c.name).where(sites.c.id.in_(site_ids)).order_by(sites.c.name))
    return {row.id: row.name for row in rows}
