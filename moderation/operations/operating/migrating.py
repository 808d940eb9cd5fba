"""Migrates a database to the tables that this code expects, and checks it. See ``migrations/``."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
import warnings
from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, SAWarning

from moderation.ground.database.deadlocks import DEADLOCK
from moderation.ground.database.engine import Database
from moderation.ground.environment.installed_files import bundled
from moderation.ground.errors import StorageNotReady
from moderation.operations.operating import late_indexes, late_search

MIGRATIONS = bundled("moderation", "migrations")
LOCK = 0x676176656C  # any constant: on PostgreSQL one migration runs at a time
MOST_WAIT_MS = 500  # less than PostgreSQL's deadlock_timeout of a second: writers are never the ones to be ended
TRIES, PAUSE_S = 200, (0.5, 1.5)  # some three minutes
LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
FIRST = "v1.0001"
BEFORE = tuple(f"{number:04}" for number in range(1, 37))
"""The revisions from before version 1.0, oldest first. At the last one a database has the tables of ``FIRST``."""
LAST_COMMIT_BEFORE = "872868bcb1e23ee1f5c10f298ccec34ecb43bc09"

log = logging.getLogger(__name__)


def upgrade(db: Database) -> None:
    """Runs the missing migrations, each in a transaction of its own. Then, beside writers, it builds missing indexes on
    PostgreSQL, and renews search's spelling on SQLite. If two processes start at once, one of them does it.

    On PostgreSQL no statement waits for a table longer than ``MOST_WAIT_MS``, because all that write would wait behind
    it: the migration is taken back then, and tried again.

    Leaves a database alone that a newer version has migrated. Raises StorageNotReady for one from before version 1.0
    that lacks migrations of that time, and where a table stays in use through all tries.
    """
    while _tried_again(db):
        pass
    if not is_newer(db):
        late_indexes.build_missing(db)
        late_search.spell(db)


def _tried_again(db: Database) -> bool:
    """Runs one missing migration. Returns whether there was one."""
    for attempt in range(1, TRIES + 1):
        try:
            return _run_one(db)
        except OperationalError as e:
            if not _is_in_use(e):
                raise
        log.warning("a table is in use: the migration was taken back and is tried again", extra={"attempt": attempt})
        time.sleep(random.uniform(*PAUSE_S))
    raise StorageNotReady(f"a table was in use each of {TRIES} times: nothing was changed, run gavel migrate again")


def _is_in_use(error: OperationalError) -> bool:
    """Whether others held a table, or all of SQLite's file for longer than a statement waits: where several processes
    migrate at once, the same one may come last again and again."""
    busy = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return busy or getattr(error.orig, "sqlstate", None) in (LOCK_NOT_AVAILABLE, DEADLOCK)


def _run_one(db: Database) -> bool:
    with db.write() as conn:
        if not db.is_sqlite:  # SQLite's BEGIN IMMEDIATE has locked already
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            conn.execute(sa.select(sa.func.set_config("lock_timeout", f"{MOST_WAIT_MS}ms", True)))
        revision = revision_of(conn)
        _refuse_too_old(revision)
        if revision == BEFORE[-1]:
            command.stamp(_config(conn), FIRST, purge=True)  # it has these tables already
        elif revision == expected_revision() or _is_newer(revision):
            return False
        else:
            with warnings.catch_warnings():
                # A migration that copies one table reads all; these indexes are on others, and stay
                warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
                command.upgrade(_config(conn), "+1")
    return True


def expected_revision() -> str:
    """The revision that this version's code needs."""
    return _revisions()[0]


def revision_of(conn: Connection) -> str | None:
    """The database's revision; None if it was never migrated."""
    return MigrationContext.configure(conn).get_current_revision()


def check(db: Database) -> None:
    """Raises StorageNotReady if the database lacks migrations. A newer database is fine: see ``is_newer``."""
    with db.read() as conn:
        revision = revision_of(conn)
    _refuse_too_old(revision)
    expected = expected_revision()
    if revision != expected and not _is_newer(revision):
        raise StorageNotReady(
            f"the database is at revision {revision or 'none'} and this version needs {expected}: run gavel migrate"
        )


def is_newer(db: Database) -> bool:
    """Whether a newer version has migrated the database. Migrations add before they take away, so the version before
    works on: during an upgrade, and after an upgrade that was taken back."""
    with db.read() as conn:
        return _is_newer(revision_of(conn))


def _is_newer(revision: str | None) -> bool:
    return revision is not None and revision not in _revisions() and revision not in BEFORE


def _refuse_too_old(revision: str | None) -> None:
    if revision in BEFORE[:-1]:
        raise StorageNotReady(
            f"the database is at revision {revision}, from before version 1.0: first run gavel migrate of the last "
            f"version before it (git commit {LAST_COMMIT_BEFORE[:10]}, revision {BEFORE[-1]}), then this one's"
        )


@cache  # saves 40 ms, measured
def _revisions() -> tuple[str, ...]:
    """The revisions from the newest to the first. Read once: /readyz asks every few seconds."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
