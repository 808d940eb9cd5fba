"""Brings a database to the tables that this code expects, and says whether it is there. See ``migrations/``."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from moderation.errors import StorageNotReady
from moderation.store.database import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x676176656C  # any constant: on PostgreSQL one migration runs at a time


def upgrade(db: Database) -> None:
    """Runs what is missing, in one transaction. Two processes that start at once do it once."""
    with db.write() as conn:
        if not db.is_sqlite:  # SQLite's BEGIN IMMEDIATE has locked already
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(_config(conn), "head")


def expected_revision() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def revision_of(conn: Connection) -> str | None:
    """The revision that the database stands at; None when it was never migrated."""
    return MigrationContext.configure(conn).get_current_revision()


def check(db: Database) -> None:
    """Raises StorageNotReady when the database is at another revision than this code expects."""
    with db.read() as conn:
        found = revision_of(conn)
    expected = expected_revision()
    if found != expected:
        raise StorageNotReady(
            f"the database is at revision {found or 'none'} and this version needs {expected}: "
            "run python -m service migrate"
        )


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
