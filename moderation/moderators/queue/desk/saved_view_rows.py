"""Saved views of the queue: of one person, or shared with a site's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.alike_statements import union_of
from moderation.ground.errors import NotFound
from moderation.moderators.queue.tables import saved_views


@dataclass(frozen=True, slots=True)
class SavedView:
    id: str
    moderator_id: str
    site_id: str | None  # the desk that it is shared with
    name: str
    query: str
    deleted_at: datetime | None = None


def insert_view(conn: Connection, view: SavedView, *, now: datetime) -> None:
    conn.execute(
        saved_views.insert().values(
            id=view.id,
            moderator_id=view.moderator_id,
            site_id=view.site_id,
            name=view.name,
            query=view.query,
            created_at=now,
        )
    )


def find(conn: Connection, view_id: str) -> SavedView | None:
    """Also one that was deleted less than a day ago."""
    row = conn.execute(sa.select(saved_views).where(saved_views.c.id == view_id)).one_or_none()
    return _view(row) if row else None


def get_view(conn: Connection, view_id: str) -> SavedView:
    """As ``find``. Raises NotFound."""
    view = find(conn, view_id)
    if view is None:
        raise NotFound("saved view", view_id)
    return view


def own(conn: Connection, moderator_id: str, *, limit: int) -> list[SavedView]:
    """Their own views, in the order in which they were saved."""
    mine = sa.and_(saved_views.c.moderator_id == moderator_id, saved_views.c.site_id.is_(None))
    return _read(conn, mine, limit)


def shared(conn: Connection, site_ids: Sequence[str], *, limit: int) -> list[SavedView]:
    """Of these desks, in the order in which they were saved."""
    return _read(conn, saved_views.c.site_id.in_(site_ids), limit)


def seen_by(conn: Connection, moderator_id: str, site_ids: Sequence[str], *, own: int, shared: int) -> list[SavedView]:
    """As ``own`` and then as ``shared``, in one statement; the numbers are their limits."""
    named = {"moderator_id": moderator_id, "site_ids": list(site_ids), "own": own, "shared": shared}
    rows = sorted(conn.execute(_SEEN_BY, named), key=lambda row: (row.site_id is not None, row.id))
    return [_view(row) for row in rows]


def change_view(conn: Connection, view_id: str, *, name: str, site_id: str | None, query: str) -> None:
    conn.execute(
        saved_views.update().where(saved_views.c.id == view_id).values(name=name, site_id=site_id, query=query)
    )


def set_deleted(conn: Connection, view_id: str, at: datetime | None) -> bool:
    """Deletes it, or with None brings it back. False if it was so already."""
    was = saved_views.c.deleted_at.is_not(None) if at is None else saved_views.c.deleted_at.is_(None)
    change = saved_views.update().where(saved_views.c.id == view_id, was).values(deleted_at=at)
    return conn.execute(change).rowcount == 1


def forget_deleted(conn: Connection, moderator_id: str, *, before: datetime) -> int:
    """Forgets those that this moderator made and somebody deleted before then."""
    gone = sa.and_(saved_views.c.moderator_id == moderator_id, saved_views.c.deleted_at < before)
    return conn.execute(saved_views.delete().where(gone)).rowcount


def _seen_by() -> sa.Select[Any]:
    kept = sa.select(saved_views).where(saved_views.c.deleted_at.is_(None)).order_by(saved_views.c.id)
    mine = saved_views.c.moderator_id == sa.bindparam("moderator_id")
    desks = saved_views.c.site_id.in_(sa.bindparam("site_ids", expanding=True))
    return union_of(
        [
            kept.where(mine, saved_views.c.site_id.is_(None)).limit(sa.bindparam("own", type_=sa.Integer)),
            kept.where(desks).limit(sa.bindparam("shared", type_=sa.Integer)),
        ]
    )


_SEEN_BY = _seen_by()  # made once: every page runs it


def _read(conn: Connection, condition: sa.ColumnElement[bool], limit: int) -> list[SavedView]:
    query = sa.select(saved_views).where(condition, saved_views.c.deleted_at.is_(None))
    return [_view(row) for row in conn.execute(query.order_by(saved_views.c.id).limit(limit))]


def _view(row: Row[tuple[object, ...]]) -> SavedView:
    return SavedView(row.id, row.moderator_id, row.site_id, row.name, row.query, row.deleted_at)
