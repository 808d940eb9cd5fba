"""Comments that wait to be decided: how many, which of them for too long, and which the queue may have lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.values.comments import Lane
from moderation.spine.comments.tables import comments

LONGEST_AGE = timedelta(hours=1, minutes=1)  # above what SWEEP_AGE_S may be


def late_in_site(conn: Connection, site_id: str, before: datetime, *, limit: int) -> list[str]:
    """Comments of readers, not of imports, that wait since before ``before``, oldest first."""
    return list(conn.execute(_late(sa.select(comments.c.id), site_id, before).limit(limit)).scalars())


def late_since(conn: Connection, before: Mapping[str, datetime]) -> dict[str, datetime]:
    """By site, when the first of what ``late_in_site`` gives began to wait. Where nothing is late, it reads no row."""
    if not before:
        return {}
    moments = {f"before_{number}": moment for number, moment in enumerate(before.values())}
    return {row.site_id: row.updated_at for row in conn.execute(_late_since(tuple(before)), moments)}


def _late_since(site_ids: tuple[str, ...]) -> sa.Select[Any]:
    first = sa.select(comments.c.site_id, comments.c.updated_at)
    return union_of([_late(first, id, sa.bindparam(f"before_{n}")).limit(1) for n, id in enumerate(site_ids)])


def _late(query: sa.Select[Any], site_id: str, before: datetime | sa.BindParameter[Any]) -> sa.Select[Any]:
    return query.where(
        comments.c.status == sa.literal_column("'waiting'"),
        comments.c.updated_at < before,
        comments.c.site_id == site_id,
        comments.c.lane != Lane.BULK,
    ).order_by(comments.c.updated_at, comments.c.id)


def since_before(
    conn: Connection, moment: datetime, *, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[str, str, datetime]]:
    """(id, lane, updated_at) of comments that wait since before ``moment``, oldest first, page by page.

    Those that came an hour or more after it are among them: a clock has stepped back since.
    """
    query = sa.select(comments.c.id, comments.c.lane, comments.c.updated_at).where(
        comments.c.status == sa.literal_column("'waiting'"),
        sa.or_(comments.c.updated_at < moment, comments.c.updated_at > moment + LONGEST_AGE),
    )
    if after is not None:
        updated = sa.bindparam(None, after[0], type_=comments.c.updated_at.type)
        last_id = sa.bindparam(None, after[1], type_=comments.c.id.type)
        query = query.where(sa.tuple_(comments.c.updated_at, comments.c.id) > sa.tuple_(updated, last_id))
    rows = conn.execute(query.order_by(comments.c.updated_at, comments.c.id).limit(limit))
    return [(r.id, r.lane, r.updated_at) for r in rows]


def count_waiting(conn: Connection, *, at_most: int) -> int:
    """How many comments wait, counted no further than ``at_most``."""
    few = (
        sa.select(sa.literal(1))
        .select_from(comments)
        .where(comments.c.status == sa.literal_column("'waiting'"))
        .limit(at_most)
        .subquery()
    )
    return conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()


def count_waiting_by_site(conn: Connection) -> dict[str, int]:
    """How many comments of each site wait. It reads an entry of the index for each of them."""
    query = (
        sa.select(comments.c.site_id, sa.func.count().label("waiting"))
        .where(comments.c.status == sa.literal_column("'waiting'"))
        .group_by(comments.c.site_id)
    )
    return {row.site_id: row.waiting for row in conn.execute(query)}
