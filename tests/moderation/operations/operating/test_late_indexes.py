"""Indexes that PostgreSQL builds beside the site's writes, after the migrations."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from moderation.ground.database.engine import Database, new_id
from moderation.operations.all_tables import metadata
from moderation.operations.operating import late_indexes, migrating
from tests.builders import NOON

LATE = "ix_comments_author_rejected"
NEW = [new_id() for _ in range(3)]
SITE = {"name": "Daily", "settings": {}, "created_at": NOON}


@pytest.fixture
def migrated(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL database of its own, migrated."""
    admin = sa.create_engine(Database(postgres_url).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("CREATE DATABASE gavel_late")
    database = Database(make_url(postgres_url).set(database="gavel_late").render_as_string(hide_password=False))
    migrating.upgrade(database)
    yield database
    database.close()
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE gavel_late WITH (FORCE)")
    admin.dispose()


def definition(database: Database, name: str = LATE) -> tuple[str, bool] | None:
    """The index as PostgreSQL has it, and whether it is valid."""
    query = sa.text(
        "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)::oid"
    )
    with database.read() as conn:
        row = conn.execute(query, {"name": name}).one_or_none()
    return (row[0], row[1]) if row else None


def drop(database: Database, name: str = LATE) -> None:
    with database.write() as conn:
        conn.exec_driver_sql(f"DROP INDEX {name}")


def test_a_migrated_database_lacks_no_index(migrated: Database) -> None:
    assert late_indexes.build_missing(migrated) == []
    assert definition(migrated) == (
        f"CREATE INDEX {LATE} ON public.comments USING btree (author_id, updated_at)"
        " WHERE ((status)::text = 'rejected'::text)",
        True,
    )


def test_a_missing_index_is_built_as_the_schema_has_it(migrated: Database) -> None:
    before = definition(migrated)
    drop(migrated)

    migrating.upgrade(migrated)

    assert definition(migrated) == before


def test_the_rest_of_an_interrupted_build_is_replaced(migrated: Database) -> None:
    before = definition(migrated)
    with migrated.write() as conn:
        conn.exec_driver_sql(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{LATE}'::regclass")

    assert late_indexes.build_missing(migrated) == [LATE]

    assert definition(migrated) == before


def test_an_index_is_built_while_another_transaction_has_written_to_other_rows(migrated: Database) -> None:
    """Within a transaction, the build would wait for the lock on the table and stop all writers behind it."""
    drop(migrated, "ix_articles_section")
    built = threading.Thread(target=late_indexes.build_missing, args=(migrated,))
    site, articles = metadata.tables["sites"], metadata.tables["articles"]
    with migrated.write() as conn:
        site_id = conn.execute(site.insert().values(id=NEW[0], **SITE).returning(site.c.id)).scalar_one()
    described = {"site_id": site_id, "tags": [], "state": "open", "created_at": NOON, "updated_at": NOON}

    with migrated.write() as conn:
        conn.execute(articles.insert().values(id=NEW[1], external_id="a-1", **described))
        built.start()
        while not building(migrated):
            assert built.is_alive()
        with migrated.write() as other:
            other.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
            other.execute(articles.insert().values(id=NEW[2], external_id="a-2", **described))
    built.join(timeout=60)

    assert definition(migrated, "ix_articles_section") is not None
    assert definition(migrated, "ix_articles_section")[1]  # type: ignore[index]


def test_processes_that_build_at_once_build_each_index_once(migrated: Database) -> None:
    drop(migrated)
    built: list[list[str]] = []
    threads = [threading.Thread(target=lambda: built.append(late_indexes.build_missing(migrated))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(built) == [[], [], [LATE]]
    assert definition(migrated) is not None


def building(database: Database) -> bool:
    query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE :build AND wait_event_type = 'Lock'")
    with database.read() as conn:
        return bool(conn.execute(query, {"build": "CREATE INDEX CONCURRENTLY%"}).scalar_one())
