"""Migrations bring an empty database to the schema, on both databases, once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, make_url

from moderation.all_tables import metadata
from moderation.articles import rows as articles
from moderation.articles import section_rows as places
from moderation.articles.tables import articles as articles_table
from moderation.authors import measure_rows as author_measures
from moderation.authors import taking_measures as taking
from moderation.authors.measure_rows import AuthorMark
from moderation.authors.tables import authors
from moderation.authors.taking_measures import MeasureWish
from moderation.campaigns import change_rows as campaign_changes
from moderation.campaigns import rows as campaigns
from moderation.campaigns.tables import campaign_keys
from moderation.campaigns.tables import campaigns as campaigns_table
from moderation.checks import rows as checks
from moderation.comments import decision_rows as decisions
from moderation.comments import fact_rows as facts
from moderation.comments import rows as store_comments
from moderation.comments import scoring_rows as scoring
from moderation.comments.tables import comments
from moderation.comments.tables import decisions as decisions_table
from moderation.database.engine import Database, new_id
from moderation.errors import StorageNotReady
from moderation.events import rows as events
from moderation.events.tables import events as events_table
from moderation.featuring import featuring
from moderation.featuring.featuring import Pick
from moderation.finding import search_rows as search
from moderation.operating import migrating
from moderation.policy import documents
from moderation.policy.default import default_policy
from moderation.review import label_rows as labels
from moderation.review.label_rows import Label
from moderation.sites import rows as site_store
from moderation.sites.audit import actors
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit import trail as audit_trail
from moderation.sites.audit.tables import audit
from moderation.sites.people import moderators as people
from moderation.sites.people.roles import Role
from moderation.sites.people.tables import moderators
from moderation.sites.settings.values import SiteSettings
from moderation.sites.tables import api_keys, policies, sites
from moderation.values.measures import Measure, Standing
from tests.builders import NOON, OPERATOR


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


BEFORE_PICKS = "0025"
NEW = ("actor_kind", "actor_name", "key_id")
LONG_TITLE = "".join(map(chr, random.Random(1).sample(range(0x20000, 0x2A6D6), 1_000)))
"""Four bytes a character, and not to be compressed."""

SEARCH = (
    "comment_search", "comment_numbers", "ix_comments_search", "ix_articles_lower_title", "ix_authors_lower_name",
    "author_search", "author_numbers", "ix_authors_names",
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


def test_titles_of_old_articles_are_kept_and_longer_ones_are_taken(empty_postgres: Database) -> None:
    """Before, the whole title was in the index, and PostgreSQL refused one of more than 2,700 bytes."""
    migrating.upgrade(empty_postgres)
    with empty_postgres.write() as conn:
        downgrade(conn, "0009")
        site = site_store.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {"title": "Tarife für alle"}, now=NOON)
    with pytest.raises(sa.exc.OperationalError, match="index row size"), empty_postgres.write() as conn:
        articles.insert_article(conn, site.id, "a-2", {"title": LONG_TITLE}, now=NOON)

    migrating.upgrade(empty_postgres)

    with empty_postgres.write() as conn:
        articles.insert_article(conn, site.id, "a-2", {"title": LONG_TITLE}, now=NOON)
        for title in ("tarife FÜR", LONG_TITLE):
            assert [found.title for found in search.articles_named(conn, [site.id], title, limit=5)]


def test_old_authors_are_found_by_their_surnames(empty: Database) -> None:
    migrating.upgrade(empty)
    with empty.write() as conn:
        downgrade(conn, "0016")
        site = site_store.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        row = {"site_id": site.id, "created_at": NOON}
        for external_id, name in (("u-1", "Imogen Hale"), ("u-2", None)):
            conn.execute(authors.insert().values(id=new_id(), external_id=external_id, name=name, **row))

    migrating.upgrade(empty)

    with empty.write() as conn:
        assert [found.name for found in search.authors_named(conn, [site.id], "hale", limit=5)] == ["Imogen Hale"]
        conn.execute(authors.delete())
        assert search.authors_named(conn, [site.id], "hale", limit=5) == []
        downgrade(conn, "0015")
    migrating.upgrade(empty)


def downgrade(conn: Connection, revision: str) -> None:
    command.downgrade(migrating._config(conn), revision)


def set_revision(database: Database, revision: str) -> None:
    with database.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_database_that_lacks_a_migration_is_not_ready(empty: Database) -> None:
    migrating.upgrade(empty)
    set_revision(empty, "0001")

    with pytest.raises(StorageNotReady, match="is at revision 0001 and this version needs"):
        migrating.check(empty)

    assert not migrating.is_newer(empty)


def test_the_version_before_goes_on_with_a_database_that_was_migrated_meanwhile(empty: Database) -> None:
    migrating.upgrade(empty)
    assert not migrating.is_newer(empty)
    set_revision(empty, "9999")

    migrating.check(empty)
    migrating.upgrade(empty)  # as a start of the version before does

    assert migrating.is_newer(empty)
    with empty.read() as conn:
        assert migrating.revision_of(conn) == "9999"


def test_processes_that_migrate_at_once_do_it_once(empty: Database) -> None:
    migrate = [sys.executable, "-m", "service", "migrate"]
    environ = {**os.environ, "DATABASE_URL": empty.url}
    processes = [subprocess.Popen(migrate, env=environ, stdout=subprocess.DEVNULL) for _ in range(3)]

    codes = [process.wait(timeout=60) for process in processes]

    assert codes == [0, 0, 0]
    migrating.check(empty)


def test_a_migration_that_fails_leaves_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with empty.write() as conn:
        conn.exec_driver_sql("CREATE TABLE reports (id INTEGER)")  # in the way of the last table

    with pytest.raises(sa.exc.DBAPIError):
        migrating.upgrade(empty)

    with empty.read() as conn:
        assert sa.inspect(conn).get_table_names() == ["reports"]


def test_revisions_are_one_line() -> None:
    scripts = ScriptDirectory(str(migrating.MIGRATIONS))

    assert scripts.get_bases() == ["0001"]
    assert len(scripts.get_heads()) == 1


def migrate_to(database: Database, revision: str) -> None:
    with database.write() as conn:
        command.upgrade(migrating._config(conn), revision)


def test_entries_of_before_name_the_key_or_the_operator_that_their_subject_named(empty: Database) -> None:
    migrate_to(empty, "0008")
    key_id, gone_id, ana, site = (new_id() for _ in range(4))
    old: dict[str, object] = {"site_id": site, "created_at": NOON, "before": None, "after": None}
    table = sa.table("audit", *(sa.column(c.name, c.type) for c in audit.c if c.name not in NEW))
    entries: list[dict[str, str | None]] = [
        {"action": "site.retention", "subject": f"key {key_id}", "moderator_id": None},
        {"action": "site.retention", "subject": f"key {gone_id}", "moderator_id": None},
        {"action": "site.failure_policy", "subject": "on the command line", "moderator_id": None},
        {"action": "account.created", "subject": "ana@example.org", "moderator_id": None},
        {"action": "author.marked", "subject": "key witness", "moderator_id": ana},
    ]
    with empty.write() as conn:
        conn.execute(sites.insert().values(id=site, name="Daily", settings={}, created_at=NOON))
        made = {"name": "shop", "digest": "d", "scopes": [], "created_at": NOON}
        conn.execute(api_keys.insert().values(id=key_id, site_id=site, **made))
        person = {"email": "ana@example.org", "name": "Ana", "password_hash": "x", "created_at": NOON}
        conn.execute(moderators.insert().values(id=ana, **person))
        conn.execute(table.insert(), [{"id": new_id(), **old, **entry} for entry in entries])

    migrating.upgrade(empty)

    with empty.read() as conn:
        found = audit_entries.entries(conn, site, before=None, limit=9)[::-1]
    assert [(audit_trail.actor_in_words(entry), entry.subject) for entry in found] == [
        (f"key “shop” ({key_id})", None),
        (f"key “” ({gone_id})", None),
        ("operator at a terminal", None),
        ("operator at a terminal", "ana@example.org"),
        ("Ana", "key witness"),
    ]


def test_comments_of_before_are_scored_and_take_facts_like_new_ones(empty: Database) -> None:
    migrate_to(empty, "0013")
    site, article, author, comment = (new_id() for _ in range(4))
    own = {"site_id": site, "external_id": "old", "created_at": NOON}
    fields = {"lane": "live", "body_digest": "d", "status": "waiting", "version": 1}
    moments = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    text = {"text": "See https://example.com", "article_id": article, "author_id": author}
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)
        policy = documents.dump(default_policy())
        insert_as_before(conn, policies, site_id=site, version=1, document=policy, created_by="x", created_at=NOON)
        insert_as_before(conn, articles_table, id=article, **own, tags=[], state="open", updated_at=NOON)
        insert_as_before(conn, authors, id=author, **own)
        known = {name: value for name, value in own.items() if name != "created_at"}
        insert_as_before(conn, comments, id=comment, **known, **text, **fields, **moments)

    migrating.upgrade(empty)

    with empty.write() as conn:
        (scored,) = scoring.load_waiting(conn, [comment])
        assert len(facts.address_digest(conn, site, "198.51.100.7")) == 64
    assert (scored.typed_s, scored.recent, scored.known_domains) == (None, 0, frozenset())
    assert (scored.author.registered_at, scored.author.email_domain) == (None, None)
    with empty.write() as conn:
        downgrade(conn, "0013")
        assert conn.execute(sa.text("SELECT text FROM comments")).scalar_one() == text["text"]


def insert_as_before(conn: Connection, table: sa.Table, **values: object) -> None:
    """A row without the columns that the table has got since."""
    old = sa.table(table.name, *(sa.column(name, table.c[name].type) for name in values))
    conn.execute(old.insert().values(**values))


def test_labels_of_before_are_found_by_their_comment(empty: Database) -> None:
    migrating.upgrade(empty)
    given = Label("akismet", "spam", 1.0, None, reference="c-1")
    with empty.write() as conn:
        downgrade(conn, "0023")
        site = site_store.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON).id
        labels.insert(conn, site, [given, replace(given, source="shadow")], now=NOON)

    migrating.upgrade(empty)

    with empty.write() as conn:
        labels.replace(conn, site, replace(given, source="shadow", value=0.0), now=NOON)
        assert {(one.source, one.value) for _id, one in labels.of_site(conn, site, limit=9)} == {
            ("akismet", 1.0),
            ("shadow", 0.0),
        }


def test_comments_of_before_are_in_no_campaign_and_can_be_taken_into_one(empty: Database) -> None:
    migrate_to(empty, "0020")
    site, article, author, comment = (new_id() for _ in range(4))
    own: dict[str, object] = {"site_id": site, "external_id": "old"}
    moments = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    fields = {"text": "As it was.", "lane": "live", "body_digest": "d", "status": "published", "version": 2}
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)
        made = {"tags": [], "state": "open", "created_at": NOON, "updated_at": NOON}
        insert_as_before(conn, articles_table, id=article, **own, **made)
        insert_as_before(conn, authors, id=author, **own, created_at=NOON)
        insert_as_before(conn, comments, id=comment, **own, article_id=article, author_id=author, **fields, **moments)

    migrating.upgrade(empty)

    with empty.write() as conn:
        assert campaigns.of_comment(conn, comment) is None
        made_one = campaign_changes.make(conn, site, at=NOON, live_until=NOON)
        assert campaign_changes.add_copies(conn, made_one, site, [comment], [], since=NOON, live_until=NOON) == 1
        found = campaigns.of_comment(conn, comment)
    assert found is not None and (found.copies, found.authors) == (1, 1)


def test_what_was_decided_for_the_week_before_holds_for_the_texts_of_before_and_for_no_later_ones(
    empty: Database,
) -> None:
    migrate_to(empty, "0035")
    site, article, author, comment, campaign = (new_id() for _ in range(5))
    own: dict[str, object] = {"site_id": site, "external_id": "old"}
    moments = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    fields = {"text": "As it was.", "lane": "live", "body_digest": "d", "status": "published", "version": 2}
    later = datetime.now(UTC) + timedelta(days=1)
    live = {"first_at": NOON, "last_at": NOON, "live_until": later}
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)
        made = {"tags": [], "state": "open", "created_at": NOON, "updated_at": NOON}
        insert_as_before(conn, articles_table, id=article, **own, **made)
        insert_as_before(conn, authors, id=author, **own, created_at=NOON)
        insert_as_before(conn, comments, id=comment, **own, article_id=article, author_id=author, **fields, **moments)
        held = {"treatment": "reject", "treatment_until": later, "copies": 1, "authors": 1}
        insert_as_before(conn, campaigns_table, id=campaign, site_id=site, **live, **held)
        row = {"site_id": site, "campaign_id": campaign, "comment_id": comment}
        insert_as_before(conn, campaign_keys, key=1, fingerprint=1, **row)

    migrating.upgrade(empty)

    with empty.write() as conn:
        campaign_changes.add_keys(conn, campaign, site, comment, [(2, 2)], now=later)
        known = campaigns.known_by(conn, site, [1, 2], now=NOON)
    assert {key: one.is_seen for key, one in known.items()} == {1: True, 2: False}


def test_a_comment_of_before_was_never_drawn_for_a_check_and_going_back_takes_only_the_checks(empty: Database) -> None:
    migrate_to(empty, "0021")
    site = new_id()
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)

    migrating.upgrade(empty)

    with empty.write() as conn:
        assert checks.waiting(conn, site) == checks.since(conn, site, NOON) == []
        downgrade(conn, "0021")
        assert "checks" not in sa.inspect(conn).get_table_names()
        assert conn.execute(sa.text("SELECT name FROM sites")).scalar_one() == "Daily"


def test_comments_of_before_are_no_picks_and_can_be_featured(empty: Database) -> None:
    migrate_to(empty, BEFORE_PICKS)
    site, article, author, comment, decision = (new_id() for _ in range(5))
    own: dict[str, object] = {"site_id": site, "external_id": "old"}
    moments = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    fields = {"text": "As it was.", "lane": "live", "body_digest": "d", "status": "published", "version": 2}
    made = {"action": "publish", "status_before": "waiting", "status_after": "published", "decided_by": "policy"}
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)
        described = {"section": "Sport", "tags": [], "state": "open", "created_at": NOON, "updated_at": NOON}
        insert_as_before(conn, articles_table, id=article, **own, **described)
        insert_as_before(conn, authors, id=author, **own, created_at=NOON)
        insert_as_before(conn, comments, id=comment, **own, article_id=article, author_id=author, **fields, **moments)
        about = {"id": decision, "site_id": site, "comment_id": comment, "version": 1, "created_at": NOON}
        insert_as_before(conn, decisions_table, **about, **made, reasons=[])

    migrating.upgrade(empty)

    id = people.create_moderator(
        empty,
        email="ana@example.org",
        name="Ana",
        password_hash="x",
        roles={site: Role.MODERATOR},
        by=OPERATOR,
        now=NOON,
    )
    with empty.read() as conn:
        ana = site_store.find_moderator(conn, id=id)
        before = decisions.decisions_of(conn, comment)
        assert places.sections(conn, site, limit=5) == ["Sport"]
        assert articles.get_article(conn, site, "old").site_state is None
    assert ana is not None
    made_now = featuring.pick(empty, ana, Pick(comment, 2, True), now=NOON, hold_s=0)
    assert ([each.featured for each in before], made_now.featured) == ([None], True)
    with empty.write() as conn:
        assert store_comments.get_by_id(conn, comment).is_featured
        downgrade(conn, BEFORE_PICKS)
    migrating.upgrade(empty)


def test_events_and_marks_of_before_stay_and_marks_that_are_over_end_quietly(empty: Database) -> None:
    migrate_to(empty, "0024")
    site, article, author, ended, comment, event = (new_id() for _ in range(6))
    own: dict[str, object] = {"site_id": site, "external_id": "old"}
    moments = dict.fromkeys(("posted_at", "received_at", "updated_at"), NOON)
    fields = {"text": "As it was.", "lane": "live", "body_digest": "d", "status": "published", "version": 2}
    mark = {"standing": "hold", "standing_reason": "Spam", "created_at": NOON}
    far = datetime.now(UTC) + timedelta(days=9)
    with empty.write() as conn:
        insert_as_before(conn, sites, id=site, name="Daily", settings={}, created_at=NOON)
        made = {"tags": [], "state": "open", "created_at": NOON, "updated_at": NOON}
        insert_as_before(conn, articles_table, id=article, **own, **made)
        insert_as_before(conn, authors, id=author, **own, **mark, standing_until=far)
        insert_as_before(conn, authors, id=ended, **own | {"external_id": "over"}, **mark, standing_until=NOON)
        insert_as_before(conn, comments, id=comment, **own, article_id=article, author_id=author, **fields, **moments)
        about = {"id": event, "site_id": site, "type": "comment.published", "comment_id": comment, "payload": {}}
        insert_as_before(conn, events_table, **about, created_at=NOON, due_at=NOON)

    migrating.upgrade(empty)

    with empty.write() as conn:
        assert partial_indexes(conn, "events") == {
            "ix_events_author", "ix_events_given_up", "ix_events_undelivered", "ix_events_unreleased",
        }  # fmt: skip
        assert author_measures.find_mark(conn, author) == AuthorMark(Standing.HOLD, "Spam", far)
        assert author_measures.find_mark(conn, ended) == AuthorMark()
        assert author_measures.marks_over(conn, datetime.now(UTC), limit=9) == []
        assert events.release_due(conn, site, now=NOON) == 1
        wish = MeasureWish(Measure.WARN, "Calm down")
        taking.take_in(conn, author, wish, by=actors.operator("tests"), now=NOON, due_at=NOON)
        assert events.release_due(conn, site, now=NOON) == 1
        found = events.feed(conn, site, after=0, limit=9)
        assert [(e.id == event, e.type, e.comment_id) for e in found] == [
            (True, "comment.published", comment),
            (False, "author.warned", None),
        ]
        banned = authors.c.id == ended
        conn.execute(authors.update().where(banned).values(standing="banned"))
    with empty.write() as conn:
        downgrade(conn, "0024")
        known = conn.execute(sa.select(authors.c.standing).where(banned)).scalar_one()
        assert known == "hold"  # the version before knows no bans
        assert conn.execute(sa.text("SELECT count(*) FROM events WHERE comment_id IS NOT NULL")).scalar_one() == 1
        assert partial_indexes(conn, "events") == {
            "ix_events_given_up",
            "ix_events_undelivered",
            "ix_events_unreleased",
        }


def partial_indexes(conn: Connection, table: str) -> set[str]:
    found = sa.inspect(conn).get_indexes(table)
    return {str(i["name"]) for i in found if any("where" in option for option in i.get("dialect_options", {}))}
