"""Migrations bring an empty database to the schema, on both databases, once; one from before 1.0 is carried over."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, make_url

from moderation.ground.database import engine
from moderation.ground.database.engine import Database, first_id_at, new_id
from moderation.ground.errors import StorageNotReady
from moderation.law.appeals.values import AppealSource
from moderation.law.measure_appeals import making as measure_appeals
from moderation.law.modes import starting
from moderation.law.modes.tables import modes
from moderation.law.statements import measure_rows
from moderation.moderators.campaigns import rows as campaign_rows
from moderation.moderators.campaigns.tables import campaign_keys, campaigns
from moderation.moderators.finding import search_rows as search
from moderation.operations.all_tables import metadata
from moderation.operations.operating import migrating
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.articles.tables import articles as places
from moderation.spine.articles.tables import author_measures
from moderation.spine.articles.tables import authors as readers
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments.fact_rows import Arrival
from moderation.spine.comments.tables import comment_facts, comments, notices, scorings
from tests.builders import NOON


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield database
    database.close()


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[Database]:
    """A database of its own: the one that other tests share has its tables already."""
    admin = sa.create_engine(Database(postgres_url).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("CREATE DATABASE gavel_empty")
    database = Database(make_url(postgres_url).set(database="gavel_empty").render_as_string(hide_password=False))
    yield database
    database.close()
    with admin.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE gavel_empty WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(f"empty_{request.param}")  # type: ignore[no-any-return]


SEARCH = (
    "comment_search", "comment_numbers", "ix_comments_search", "ix_articles_lower_title", "ix_authors_lower_name",
    "author_search", "author_numbers", "ix_authors_words", "ix_comments_words", "search_to_spell",
)  # fmt: skip


def ours(_object: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    """Not the tables and indexes that search keeps beside the schema: SQLAlchemy has no words for them."""
    return not (name or "").startswith(SEARCH)


def differences(conn: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
    return list(compare_metadata(MigrationContext.configure(conn, opts=options), metadata))


def indexes(conn: Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(conn)
    return {t: {str(i["name"]) for i in inspector.get_indexes(t)} for t in metadata.tables}


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrations_and_schema_agree(empty: Database) -> None:
    migrating.upgrade(empty)

    with empty.read() as conn:
        assert differences(conn) == []
        migrated = indexes(conn)
    assert all({i.name for i in t.indexes} <= migrated[name] for name, t in metadata.tables.items())


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_migrations_make_search_as_the_tables_do(kind: str, request: pytest.FixtureRequest) -> None:
    migrated = request.getfixturevalue(f"empty_{kind}")
    created = request.getfixturevalue(f"{kind}_database")

    migrating.upgrade(migrated)

    found = definitions_of_search(migrated)
    assert found == definitions_of_search(created)
    assert len(found) >= 4


def definitions_of_search(database: Database) -> set[str]:
    """The statements that would make its search tables, triggers and indexes."""
    query = "SELECT sql FROM sqlite_master" if database.is_sqlite else "SELECT indexdef FROM pg_indexes"
    with database.read() as conn:
        statements = conn.exec_driver_sql(query).scalars().all()
    return {" ".join(sql.split()) for sql in statements if sql and any(name in sql for name in SEARCH)}


def test_migrating_is_silent_and_keeps_the_indexes_that_sqlalchemy_cannot_read(
    empty_sqlite: Database, recwarn: pytest.WarningsRecorder
) -> None:
    migrating.upgrade(empty_sqlite)

    with empty_sqlite.read() as conn:
        names = set(conn.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'index'")).scalars())
    assert [str(one.message) for one in recwarn] == []
    assert {"ix_articles_lower_title", "ix_authors_lower_name"} <= names


def test_a_database_says_whether_it_is_migrated(empty: Database) -> None:
    with pytest.raises(StorageNotReady, match="is at revision none"):
        migrating.check(empty)

    migrating.upgrade(empty)
    migrating.check(empty)

    with empty.read() as conn:
        assert migrating.revision_of(conn) == migrating.expected_revision()


def set_revision(database: Database, revision: str) -> None:
    with database.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_database_that_lacks_a_migration_is_not_ready(empty: Database) -> None:
    migrating.upgrade(empty)
    set_revision(empty, migrating.BEFORE[-1])

    with pytest.raises(
        StorageNotReady, match="at revision 0036 and this version needs v1[.][0-9]{4}: run gavel migrate"
    ):
        migrating.check(empty)

    assert not migrating.is_newer(empty)


def test_the_version_before_goes_on_with_a_database_that_was_migrated_meanwhile(empty: Database) -> None:
    migrating.upgrade(empty)
    assert not migrating.is_newer(empty)
    set_revision(empty, "v9.9999")

    migrating.check(empty)
    migrating.upgrade(empty)  # as a start of the version before does

    assert migrating.is_newer(empty)
    with empty.read() as conn:
        assert migrating.revision_of(conn) == "v9.9999"


def test_processes_that_migrate_at_once_do_it_once(empty: Database) -> None:
    migrate = [sys.executable, "-m", "service", "migrate"]
    environ = {**os.environ, "DATABASE_URL": empty.url}
    processes = [subprocess.Popen(migrate, env=environ, stdout=subprocess.DEVNULL) for _ in range(3)]

    codes = [process.wait(timeout=60) for process in processes]

    assert codes == [0, 0, 0]
    migrating.check(empty)


def test_a_migration_tries_again_while_another_process_holds_the_file(
    empty_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SQLITE_PRAGMAS", ("journal_mode=WAL", "busy_timeout=10"))
    monkeypatch.setattr(migrating, "PAUSE_S", (0.01, 0.02))
    migration = Thread(target=migrating.upgrade, args=(empty_sqlite,))
    with closing(sqlite3.connect(str(make_url(empty_sqlite.url).database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        migration.start()
        migration.join(timeout=0.5)  # some ten tries
        assert migration.is_alive()
        other.execute("ROLLBACK")
    migration.join(timeout=60)

    migrating.check(empty_sqlite)


def test_a_migration_that_fails_leaves_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with empty.write() as conn:
        conn.exec_driver_sql("CREATE TABLE reports (id INTEGER)")  # in the way of the last table

    with pytest.raises(sa.exc.DBAPIError):
        migrating.upgrade(empty)

    with empty.read() as conn:
        assert sa.inspect(conn).get_table_names() == ["reports"]


def test_revisions_are_one_line() -> None:
    scripts = ScriptDirectory(str(migrating.MIGRATIONS))

    assert scripts.get_bases() == [migrating.FIRST]
    assert len(scripts.get_heads()) == 1


def test_no_revision_has_the_name_of_one_from_before_the_first_release() -> None:
    assert {script.revision for script in ScriptDirectory(str(migrating.MIGRATIONS)).walk_revisions()}.isdisjoint(
        migrating.BEFORE
    )


def at_the_first(database: Database) -> None:
    with database.write() as conn:
        command.upgrade(migrating._config(conn), migrating.FIRST)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_flagged_comments_of_before_have_the_language_that_they_were_judged_in(empty: Database) -> None:
    at_the_first(empty)
    with empty.write() as conn:
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {}, now=NOON)
        articles.insert_author(conn, site.id, "r-1", {}, now=NOON)
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        for number, (declared, found, status) in enumerate(BEFORE_THE_COLUMN):
            comment = {"external_id": f"c-{number}", "language": declared, "status": status, "site_id": site.id, **ids}
            insert_before_the_column(conn, comment, found)

    migrating.upgrade(empty)

    with empty.read() as conn:
        found_in = conn.execute(sa.text("SELECT judged_in FROM comments ORDER BY external_id")).scalars().all()
        assert differences(conn) == []
    assert found_in == ["de", "de", "und", "gsw", None]


BEFORE_THE_COLUMN = (
    ("en", "de", "flagged"), ("DE-at", None, "flagged"), (None, None, "flagged"), ("gsw_CH", None, "flagged"),
    ("en", "en", "published"),
)  # fmt: skip


def insert_before_the_column(conn: Connection, comment: dict[str, Any], found: str | None) -> None:
    times = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    row = {"id": new_id(), "text": "You fool.", "lane": "live", "body_digest": "", "version": 2, **times, **comment}
    conn.execute(comments.insert(), row)
    if found is not None:
        scoring = {"version": 1, "signals": [], "models": {}, "language": found, "seconds": 0.1, "created_at": NOON}
        conn.execute(scorings.insert(), {"id": new_id(), "comment_id": row["id"], **scoring})


def test_a_mode_of_before_goes_on_and_its_end_is_noted(empty: Database) -> None:
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0010")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        row = {"id": new_id(), "site_id": site.id, "name": "slow", "regular_from": 5, "minutes": 5}
        columns = [modes.c[name] for name in (*row, "began_at", "until", "ends_at")]
        table = sa.Table("modes", sa.MetaData(), *(sa.Column(each.name, each.type) for each in columns))
        conn.execute(table.insert(), {**row, "began_at": NOON, "until": NOON, "ends_at": NOON})

    migrating.upgrade(empty)

    assert starting.note_ends(empty, now=NOON) == 1
    assert starting.note_ends(empty, now=NOON) == 0


def test_a_treatment_of_before_goes_on_for_the_texts_that_its_campaign_had(empty: Database) -> None:
    later, key = NOON + timedelta(days=7), 7
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0011")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        row = {"id": new_id(), "site_id": site.id, "copies": 0, "authors": 0, "first_at": NOON, "last_at": NOON}
        row |= {"live_until": later, "treatment": "reject", "treatment_until": later, "treated_at": NOON}
        columns = [campaigns.c[name] for name in row]
        table = sa.Table("campaigns", sa.MetaData(), *(sa.Column(each.name, each.type) for each in columns))
        conn.execute(table.insert(), row)
        articles.insert_article(conn, site.id, "a-1", {}, now=NOON)
        articles.insert_author(conn, site.id, "r-1", {}, now=NOON)
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        insert_before_the_column(conn, {"external_id": "c-1", "status": "rejected", "site_id": site.id, **ids}, None)
        comment_id = conn.execute(sa.select(comments.c.id)).scalar_one()
        named = {"site_id": site.id, "campaign_id": row["id"], "comment_id": comment_id, "fingerprint": 7}
        moments = ((key, NOON), (key + 1, NOON + timedelta(seconds=1)))
        conn.execute(campaign_keys.insert(), [{**named, "key": key, "added_at": at} for key, at in moments])

    migrating.upgrade(empty)

    with empty.read() as conn:
        known = campaign_rows.known_by(conn, site.id, [key, key + 1], now=NOON)
    assert {key: (one.is_seen, one.seen) for key, one in known.items()} == {7: (True, None), 8: (False, None)}


def test_facts_of_before_have_no_website(empty: Database) -> None:
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0011")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {}, now=NOON)
        articles.insert_author(conn, site.id, "r-1", {}, now=NOON)
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        insert_before_the_column(conn, {"external_id": "c-1", "status": "flagged", "site_id": site.id, **ids}, None)
        row = {"comment_id": conn.execute(sa.select(comments.c.id)).scalar_one(), "site_id": site.id, "typed_s": 4.5}
        columns = (sa.Column(name, comment_facts.c[name].type) for name in row)
        conn.execute(sa.Table("comment_facts", sa.MetaData(), *columns).insert(), row)

    migrating.upgrade(empty)

    with empty.read() as conn:
        assert facts.facts_of(conn, [row["comment_id"]]) == {row["comment_id"]: Arrival(typed_s=4.5)}


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_notices_of_before_have_a_notifier_and_their_comments_stay_where_they_were(empty: Database) -> None:
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0011")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {}, now=NOON)
        articles.insert_author(conn, site.id, "r-1", {}, now=NOON)
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        comment = {"external_id": "c-1", "status": "flagged", "site_id": site.id, **ids}
        insert_before_the_column(conn, comment, None)
        for number, who in enumerate(NOTIFIERS):
            insert_old_notice(conn, site.id, number, **who)

    migrating.upgrade(empty)

    with empty.read() as conn:
        given = conn.execute(
            sa.select(notices.c.notifier, notices.c.place, notices.c.hid).order_by(notices.c.explanation)
        )
        assert [tuple(row) for row in given] == [
            ("flagger:Hotline", None, False), ("reader:r-9", None, False), ("mail:karl@mail.example", None, False),
            (None, None, False),
        ]  # fmt: skip
        assert conn.execute(sa.select(comments.c.noticed_at)).scalars().all() == [None]
        assert differences(conn) == []


NOTIFIERS: tuple[dict[str, str], ...] = (
    {"flagger": "Hotline", "email": "h@mail.example"}, {"reader_id": "r-9", "email": "r@mail.example"},
    {"email": "Karl@Mail.example"}, {},
)  # fmt: skip


def insert_old_notice(conn: Connection, site_id: str, number: int, **who: str) -> None:
    row = {"id": new_id(), "site_id": site_id, "category": "c", "language": "en", "received_at": NOON, **who}
    row |= {"explanation": str(number), "comment_id": conn.execute(sa.select(comments.c.id)).scalar_one()}
    table = sa.Table("notices", sa.MetaData(), *(sa.Column(name, notices.c[name].type) for name in row))
    conn.execute(table.insert(), row)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_a_ban_of_before_has_a_statement_in_the_export_and_can_be_appealed(empty: Database) -> None:
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0020")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_author(conn, site.id, "r-1", {}, now=NOON)
        author_id = conn.execute(sa.select(readers.c.id)).scalar_one()
        mark = {"standing": "normal", "reason": None, "until": None}
        ban = {"site_id": site.id, "author_id": author_id, "measure": "ban", "reason": "x", "made_by": "person"}
        conn.execute(author_measures.insert().values(**ban, id=new_id(), before=mark, created_at=NOON, message=None))

    migrating.upgrade(empty)

    first, end = (first_id_at(datetime(year, 1, 1, tzinfo=UTC)) for year in (2000, 3000))
    with empty.read() as conn:
        (about,) = measure_rows.between(conn, site.id, after=first, before=end, limit=9)
        assert (about.restriction, about.announced, about.ends_at) == ("banned", None, None)
    words, source = "I did not.", AppealSource.API
    assert measure_appeals.appeal(empty, site.id, about.id, words, source=source, now=NOON).measure_id == about.id
    with empty.read() as conn:
        assert differences(conn) == []


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_a_database_of_the_last_version_before_the_first_release_is_carried_over_with_its_rows(empty: Database) -> None:
    at_the_first(empty)
    with empty.write() as conn:
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {"title": "The tram line opens"}, now=NOON)
    set_revision(empty, migrating.BEFORE[-1])

    migrating.upgrade(empty)

    migrating.check(empty)
    with empty.read() as conn:
        assert differences(conn) == []
        assert [found.title for found in search.articles_named(conn, [site.id], "the tram", limit=5)] == [
            "The tram line opens"
        ]
    assert not migrating.is_newer(empty)


@pytest.mark.parametrize("revision", [migrating.BEFORE[0], migrating.BEFORE[-2]])
def test_an_older_database_stays_as_it_is_until_the_last_version_before_has_migrated_it(
    empty: Database, revision: str
) -> None:
    migrating.upgrade(empty)
    set_revision(empty, revision)

    for refuse in (migrating.upgrade, migrating.check):
        with pytest.raises(StorageNotReady, match=f"at revision {revision}.*git commit [0-9a-f]{{10}}, revision 0036"):
            refuse(empty)

    with empty.read() as conn:
        assert migrating.revision_of(conn) == revision
    assert not migrating.is_newer(empty)
