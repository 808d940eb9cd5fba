"""Migrates a database to the tables that this code expects, and checks it. See ``migrations/``."""

from __future__ import annotations

import warnings
from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SAWarning

from moderation.database.engine import Database
from moderation.environment.installed_files import bundled
from moderation.errors import StorageNotReady
from moderation.operating import late_indexes

MIGRATIONS = bundled("moderation", "migrations")
LOCK = 0x676176656C  # any constant: on PostgreSQL one migration runs at a time


def upgrade(db: Database) -> None:
    """Runs the missing migrations in one transaction, and then builds missing indexes on PostgreSQL. If two processes
    start at once, one of them does it.

    Leaves a database alone that a newer version has migrated.
    """
    with db.write() as conn:
        if not db.is_sqlite:  # SQLite's BEGIN IMMEDIATE has locked already
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        if not _is_newer(revision_of(conn)):
            with warnings.catch_warnings():
                # A migration that copies one table reads all; these indexes are on others, and stay
                warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
                command.upgrade(_config(conn), "head")
    if not is_newer(db):
        late_indexes.build_missing(db)


def expected_revision() -> str:
    """The revision that this version's code needs."""
    return _revisions()[0]


def revision_of(conn: Connection) -> str | None:
    """The database's revision; None if it was never migrated."""
    return MigrationContext.configure(conn).get_current_revision()


def check(db: Database) -> None:
    """Raises StorageNotReady if the database lacks migrations. A newer database is fine: see ``is_newer``."""
    with db.read() as conn:
        found = revision_of(conn)
    expected = expected_revision()
    if found != expected and not _is_newer(found):
        raise StorageNotReady(
            f"the database is at revision {found or 'none'} and this version needs {expected}: run gavel migrate"
        )


def is_newer(db: Database) -> bool:
    """Whether a newer version has migrated the database. Migrations add before they take away, so the version before
    works on: during an upgrade, and after an upgrade that was taken back."""
    with db.read() as conn:
        return _is_newer(revision_of(conn))


def _is_newer(found: str | None) -> bool:
    return found is not None and found not in _revisions()


@cache  # saves 40 ms, measured
def _revisions() -> tuple[str, ...]:
    """From the newest to the first. Read once: /readyz asks every few seconds."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
