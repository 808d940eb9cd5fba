"""Migrations beside transactions that write, on PostgreSQL: nobody deadlocks, and nobody waits for long."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation.database.engine import Database
from moderation.database.tables import leases
from moderation.errors import StorageNotReady
from moderation.operating import migrating
from moderation.sites.people.tables import login_failures
from tests.builders import NOON
from tests.moderation.operating.test_migrations import empty_postgres
from tests.waiting import eventually

__all__ = ["empty_postgres"]

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "v1.0002", "v1.0001", None, None


def upgrade():
    op.add_column("leases", sa.Column("colour", sa.Text()))
    op.add_column("login_failures", sa.Column("colour", sa.Text()))
"""
"""It takes the locks of two tables in the order that is opposite to the order of the writer."""


@pytest.fixture
def behind(empty_postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that lacks the newest migration."""
    migrating.upgrade(empty_postgres)
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, folder)
    (folder / "versions" / "0002_paint.py").write_text(NEXT)
    monkeypatch.setattr(migrating, "MIGRATIONS", folder)
    monkeypatch.setattr(migrating, "PAUSE_S", (0.05, 0.1))
    migrating._revisions.cache_clear()
    yield empty_postgres
    migrating._revisions.cache_clear()


def test_a_writer_that_holds_what_a_migration_waits_for_goes_first(behind: Database) -> None:
    migration = threading.Thread(target=migrating.upgrade, args=(behind,))

    with behind.write() as conn:
        conn.execute(login_failures.insert().values(who="email:ana@example.org", failures=1, last_at=NOON))
        migration.start()
        eventually(lambda: waits(behind), within_s=60)
        conn.execute(leases.insert().values(name="sweep", holder="one", until=NOON))  # the migration has locked it
    migration.join(timeout=60)

    migrating.check(behind)
    with behind.read() as conn:
        assert migrating.revision_of(conn) == "v1.0002"
        assert conn.execute(sa.text("SELECT holder, colour FROM leases")).one() == ("one", None)
        assert conn.execute(sa.text("SELECT failures, colour FROM login_failures")).one() == (1, None)


def test_a_table_that_stays_in_use_leaves_the_database_as_it_was(
    behind: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 2)

    with behind.write() as conn:
        conn.execute(login_failures.insert().values(who="email:ana@example.org", failures=1, last_at=NOON))
        with pytest.raises(StorageNotReady, match="in use each of 2 times: nothing was changed"):
            migrating.upgrade(behind)

    with behind.read() as conn:
        assert migrating.revision_of(conn) == migrating.FIRST
        assert "colour" not in {column["name"] for column in sa.inspect(conn).get_columns("leases")}


def waits(database: Database) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'"
    with database.read() as conn:
        return bool(conn.execute(sa.text(query)).scalar_one())
