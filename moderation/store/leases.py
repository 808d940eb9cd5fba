"""Leases on work that one process at a time does, such as sweeping. No session lock: those do not pass pgbouncer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from moderation.schema import leases

SKEW = timedelta(seconds=5)  # by which two machines' clocks may differ


@dataclass(frozen=True, slots=True)
class Lease:
    holder: str
    until: datetime
    noted: Mapping[str, Any]
    noted_at: datetime | None


def take(conn: Connection, name: str, holder: str, *, until: datetime, now: datetime) -> bool:
    """True when the lease is the holder's until then: it was free, has run out, or was the holder's already.

    A lease that runs far longer than it could was taken before a clock stepped back: it counts as run out.
    """
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(leases)
        .values(name=name, holder=holder, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=sa.or_(
                leases.c.holder == holder, leases.c.until < now, leases.c.until > now + 2 * (until - now) + SKEW
            ),
        )
        .returning(leases.c.name)  # the count of rows is not known of an INSERT on PostgreSQL
    )
    return conn.execute(statement).first() is not None


def note(conn: Connection, name: str, holder: str, found: Mapping[str, Any], *, now: datetime) -> None:
    """Keeps what the holder found, where it still is the holder."""
    mine = sa.and_(leases.c.name == name, leases.c.holder == holder)
    conn.execute(leases.update().where(mine).values(noted=dict(found), noted_at=now))


def give_back(conn: Connection, name: str, holder: str, *, now: datetime) -> None:
    """Lets another process take over at once."""
    conn.execute(leases.update().where(leases.c.name == name, leases.c.holder == holder).values(until=now))


def find(conn: Connection, name: str) -> Lease | None:
    row = conn.execute(sa.select(leases).where(leases.c.name == name)).one_or_none()
    return Lease(row.holder, row.until, row.noted or {}, row.noted_at) if row else None
