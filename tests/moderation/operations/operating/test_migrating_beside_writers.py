"""Migrations beside transactions that write, on PostgreSQL: nobody deadlocks, and nobody waits for long."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.database.tables import leases
from moderation.ground.errors import StorageNotReady
from moderation.ground.jobs.jobs import Queues
from moderation.operations.operating import migrating
from moderation.sites.people.tables import login_failures
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.moderation.operations.operating.test_migrations import empty_postgres
from tests.waiting import eventually, slowed_by

__all__ = ["empty_postgres"]

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{name}", "{before}", None, None


def upgrade():
    for table in {tables}:
        op.add_column(table, sa.Column("{name}", sa.Text()))
"""
COLOURED = ("leases", "login_failures")
"""In the order that is opposite to the order of the writer."""
BUSY = ("decisions", "events", "scorings", "articles", "authors", "comments")
"""A comment's arrival writes to these or reads them; the table that it writes first stands at the end."""
MIGRATIONS, POSTS_A_SECOND, WRITERS = 20, 50, 4
LONGEST_S = 3.0
"""Six times what a statement of a migration may wait: each table may be in use once."""


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the project's migrations, to which a test may add some."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, folder)
    monkeypatch.setattr(migrating, "MIGRATIONS", folder)
    monkeypatch.setattr(migrating, "PAUSE_S", (0.05, 0.1))
    migrating._revisions.cache_clear()
    yield folder
    migrating._revisions.cache_clear()


@pytest.fixture
def behind(empty_postgres: Database, migrations: Path) -> Database:
    """A database that lacks the newest migration."""
    migrating.upgrade(empty_postgres)
    add_one(migrations, "colour", COLOURED)
    return empty_postgres


def add_one(folder: Path, name: str, tables: Sequence[str]) -> None:
    before = migrating.expected_revision()
    (folder / "versions" / f"{name}.py").write_text(MIGRATION.format(name=name, before=before, tables=tables))
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
        assert migrating.revision_of(conn) == "colour"
        assert conn.execute(sa.text("SELECT holder, colour FROM leases")).one() == ("one", None)
        assert conn.execute(sa.text("SELECT failures, colour FROM login_failures")).one() == (1, None)


def test_a_table_that_stays_in_use_leaves_the_database_as_it_was(
    behind: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 2)

    with behind.read() as conn:
        before = migrating.revision_of(conn)

    with behind.write() as conn:
        conn.execute(login_failures.insert().values(who="email:ana@example.org", failures=1, last_at=NOON))
        with pytest.raises(StorageNotReady, match="in use each of 2 times: nothing was changed"):
            migrating.upgrade(behind)

    with behind.read() as conn:
        assert migrating.revision_of(conn) == before
        assert "colour" not in {column["name"] for column in sa.inspect(conn).get_columns("leases")}


def test_twenty_migrations_beside_fifty_comments_a_second_refuse_none(
    empty_postgres: Database, queues: Queues, migrations: Path
) -> None:
    migrating.upgrade(empty_postgres)
    for number in range(MIGRATIONS):
        add_one(migrations, f"colour_{number}", BUSY)
    with empty_postgres.write() as conn:
        newsroom = Newsroom(empty_postgres, queues, add_site(conn, "The Herald"))
    done = threading.Event()

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(posts, newsroom, done) for _ in range(WRITERS)]
        try:
            migrating.upgrade(empty_postgres)
        finally:
            done.set()
    waited = [s for writer in writers for s in writer.result()]

    migrating.check(empty_postgres)
    with empty_postgres.read() as conn:
        assert migrating.revision_of(conn) == f"colour_{MIGRATIONS - 1}"
        assert conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one() == len(waited) > MIGRATIONS
    assert max(waited) < LONGEST_S * slowed_by()


def posts(newsroom: Newsroom, done: threading.Event) -> list[float]:
    """Posts at its share of the rate until the migrations are done, and returns the seconds that each post took."""
    waited: list[float] = []
    while not done.wait(max(0.0, WRITERS / POSTS_A_SECOND - sum(waited[-1:]))):
        began = time.monotonic()
        newsroom.post(author_id=f"u-{len(waited)}")
        waited.append(time.monotonic() - began)
    return waited


def waits(database: Database) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'"
    with database.read() as conn:
        return bool(conn.execute(sa.text(query)).scalar_one())
