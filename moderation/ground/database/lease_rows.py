"""Leases on work that only one process does at a time, such as sweeping. Session locks do not pass pgbouncer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.ground.database.tables import leases

SKEW = timedelta(seconds=5)  # the clocks of two machines may differ by this


@dataclass(frozen=True, slots=True)
class Lease:
    holder: str
    until: datetime
    noted: Mapping[str, Any]
    noted_at: datetime | None


def take(conn: Connection, name: str, holder: str, *, until: datetime, now: datetime) -> bool:
    """True if the holder now has the lease: it was free, had expired, or was the holder's already.

    A lease that ends impossibly late was taken before a clock stepped back, and counts as expired.
    """
    statement = (
        insert_into(conn, leases)
        .values(name=name, holder=holder, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=sa.or_(
                leases.c.holder == holder, leases.c.until < now, leases.c.until > now + 2 * (until - now) + SKEW
            ),
        )
        .returning(leases.c.name)  # PostgreSQL reports no row count for an INSERT
    )
    return conn.execute(statement).first() is not None


def note(conn: Connection, name: str, holder: str, findings: Mapping[str, Any], *, now: datetime) -> None:
    """Stores the holder's findings, if it still holds the lease."""
    mine = sa.and_(leases.c.name == name, leases.c.holder == holder)
    conn.execute(leases.update().where(mine).values(noted=dict(findings), noted_at=now))


def give_back(conn: Connection, name: str, holder: str, *, now: datetime) -> None:
    """Lets another process take over at once."""
    conn.execute(leases.update().where(leases.c.name == name, leases.c.holder == holder).values(until=now))


def end(conn: Connection, name: str, holder: str) -> None:
    """Gives it back and keeps no row: for work that a site has now and then."""
    conn.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))


def find(conn: Connection, name: str) -> Lease | None:
    """None if nobody has ever held the lease."""
    row = conn.execute(sa.select(leases).where(leases.c.name == name)).one_or_none()
    return Lease(row.holder, row.until, row.noted or {}, row.noted_at) if row else None
