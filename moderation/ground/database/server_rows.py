"""A PostgreSQL server's own account: its clock, its room for connections, and whether it keeps what it confirms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.tables import leases

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    version: str
    clock: datetime
    connections: int  # that clients hold now, ours too
    most_connections: int  # that clients without special rights may hold
    durable: Mapping[str, str]  # the settings in DURABLE, as they hold for this connection


def describe(conn: Connection) -> DatabaseServer:
    """PostgreSQL only."""
    settings = [sa.func.current_setting(name).label(name) for name in DURABLE]
    in_use = sa.text("(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')")
    row = conn.execute(
        sa.select(
            sa.func.current_setting("server_version").label("version"),
            sa.func.clock_timestamp().label("clock"),
            sa.literal_column(in_use.text).label("connections"),
            sa.cast(sa.func.current_setting("max_connections"), sa.Integer).label("most"),
            sa.cast(sa.func.current_setting("superuser_reserved_connections"), sa.Integer).label("reserved"),
            *settings,
        )
    ).one()
    named = row._mapping
    return DatabaseServer(
        version=named["version"],
        clock=named["clock"],
        connections=named["connections"],
        most_connections=named["most"] - named["reserved"],
        durable={name: named[name] for name in DURABLE},
    )


def try_to_write(conn: Connection) -> None:
    """Asks for the right to write and changes nothing. Raises what the database raises when it is read-only."""
    conn.execute(leases.update().where(leases.c.name == "").values(holder=""))
