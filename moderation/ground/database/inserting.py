"""The INSERT of the connection's database that knows ``ON CONFLICT``; SQLAlchemy has one for each of both."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insert_into(conn: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may meet a row that is there."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)
