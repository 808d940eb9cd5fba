"""Builds the indexes that the schema has and a PostgreSQL database lacks, while the site goes on writing.

PostgreSQL builds an index without stopping writers only outside a transaction. A migration is a transaction, so
that a failed one leaves nothing. It therefore leaves indexes on tables that grow to this module. One that was
interrupted is built again by the next ``gavel migrate``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex

from moderation.ground.database.engine import Database
from moderation.moderators.finding.tables import POSTGRESQL_WORDS, REPLACED
from moderation.operations.all_tables import metadata

LOCK = 0x676176696E646578  # any constant: one process at a time builds
ASK_AGAIN_S = 0.2
_VALID = sa.text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
)


def build_missing(db: Database) -> list[str]:
    """The names of the indexes that it built. Nothing on SQLite, whose migrations build theirs."""
    if db.is_sqlite or not (_missing(db) or _replaced(db)):
        return []
    with _alone(db):
        missing = _missing(db)  # another process may have built them meanwhile
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for name, statement in missing.items():
                _build(conn, name, statement)
            for name in _replaced(db):
                conn.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    return list(missing)


def _missing(db: Database) -> dict[str, str]:
    """The statements that make them, by name."""
    with db.read() as conn:
        valid = set(conn.execute(_VALID).scalars())
    indexes = (index for table in metadata.sorted_tables for index in table.indexes)
    statements = {str(index.name): str(CreateIndex(index).compile(dialect=db.engine.dialect)) for index in indexes}
    return {name: statement for name, statement in (statements | POSTGRESQL_WORDS).items() if name not in valid}


def _replaced(db: Database) -> list[str]:
    with db.read() as conn:
        return [name for name in REPLACED if conn.execute(sa.select(sa.func.to_regclass(name))).scalar() is not None]


def _build(conn: Connection, name: str, statement: str) -> None:
    quoted = conn.dialect.identifier_preparer.quote(name)
    conn.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")  # the rest of an interrupted one
    conn.exec_driver_sql(statement.replace(" INDEX ", " INDEX CONCURRENTLY ", 1))


@contextmanager
def _alone(db: Database) -> Iterator[None]:
    """Asks again and again, each time in a transaction of its own, instead of waiting in one: PostgreSQL ends a build
    only when each transaction has ended that read anything at its begin, so the two would wait for each other."""
    # Without parameters: the portal of a statement with some keeps its snapshot until the transaction ends
    asks = f"SELECT pg_try_advisory_xact_lock({LOCK})"
    while True:
        with db.write() as conn:
            if conn.exec_driver_sql(asks).scalar_one():
                yield
                return
        time.sleep(ASK_AGAIN_S)
