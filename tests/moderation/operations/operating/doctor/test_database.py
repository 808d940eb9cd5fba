"""The doctor and real databases, each fault made for real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.operations.operating import migrating
from moderation.operations.operating.doctor import database as doctor
from moderation.operations.operating.doctor.findings import Level
from tests.conftest import free_port
from tests.moderation.operations.operating.doctor.looking import only, wrong


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(gavel_home=tmp_path)


@pytest.fixture(scope="module")
def server(postgres_url: str) -> Iterator[Settings]:
    """A migrated database of its own, whose settings a test may change."""
    with admin(postgres_url) as conn:
        conn.exec_driver_sql("DROP DATABASE IF EXISTS gavel_doctor WITH (FORCE)")
        conn.exec_driver_sql("CREATE DATABASE gavel_doctor")
    url = make_url(postgres_url).set(database="gavel_doctor").render_as_string(hide_password=False)
    migrate(url)
    yield Settings(database_url=url)
    with admin(postgres_url) as conn:
        conn.exec_driver_sql("DROP DATABASE gavel_doctor WITH (FORCE)")


@contextmanager
def admin(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(Database(url).url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@contextmanager
def altered(settings: Settings, name: str, value: str) -> Iterator[None]:
    """The database with a setting of the server's changed for new connections."""
    with admin(settings.database_url) as conn:
        conn.exec_driver_sql(f"ALTER DATABASE gavel_doctor SET {name} = {value}")
        try:
            yield
        finally:
            conn.exec_driver_sql(f"ALTER DATABASE gavel_doctor RESET {name}")


def migrate(url: str) -> None:
    database = Database(url)
    migrating.upgrade(database)
    database.close()


def test_a_sound_sqlite_database_is_well(home: Settings) -> None:
    migrate(home.resolved_database_url)

    found = doctor.check(home)

    assert wrong(found) == []
    assert "is migrated and takes writes" in found[0].found


def test_a_missing_file_is_named_and_not_made(home: Settings) -> None:
    finding = only(doctor.check(home), Level.ERROR)

    assert f"{home.gavel_home}/gavel.db does not exist" in finding.found
    assert finding.change.startswith("gavel migrate")
    assert list(home.gavel_home.iterdir()) == []
    assert doctor.opened(home) is None


def test_a_database_without_its_tables_asks_for_the_migration(home: Settings) -> None:
    (home.gavel_home / "gavel.db").touch()

    finding = only(doctor.check(home), Level.ERROR)

    assert "at revision none" in finding.found
    assert finding.change == "gavel migrate"


def test_a_file_that_is_no_database_is_an_error(home: Settings) -> None:
    (home.gavel_home / "gavel.db").write_text("no database at all, but long enough to be read as one" * 20)

    assert "file is not a database" in only(doctor.check(home), Level.ERROR).found


def test_a_sound_server_is_well(server: Settings) -> None:
    found = doctor.check(server)

    assert wrong(found) == []
    assert len(found) == 4


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    settings = Settings(database_url=f"postgresql://gavel:s3cr3t-enough@127.0.0.1:{free_port()}/gavel")

    finding = only(doctor.check(settings), Level.ERROR)

    assert "127.0.0.1" in finding.found and "does not answer" in finding.found
    assert finding.change.startswith("DATABASE_URL=")
    assert "s3cr3t" not in finding.found + finding.change


def test_a_read_only_database_is_an_error(server: Settings) -> None:
    with altered(server, "default_transaction_read_only", "on"):
        finding = only(doctor.check(server), Level.ERROR)

    assert "takes no writes" in finding.found and "read-only" in finding.found


def test_a_server_that_confirms_too_early_is_an_error(server: Settings) -> None:
    with altered(server, "synchronous_commit", "off"):
        finding = only(doctor.check(server), Level.ERROR)

    assert finding.found == "synchronous_commit is off: a crash loses comments that were confirmed with 202"
    assert finding.change.startswith("synchronous_commit = on")


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        ("3 seconds", Level.WARNING, "ahead of"),
        ("1 minute", Level.ERROR, "ahead of"),
        ("-1 minute", Level.ERROR, "behind"),
    ],
)
def test_a_clock_that_is_off_is_found(server: Settings, ahead: str, level: Level, words: str) -> None:
    with admin(server.database_url) as conn:
        conn.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT pg_catalog.clock_timestamp() + interval '{ahead}' $$"
        )
    try:
        with altered(server, "search_path", "public, pg_catalog"):
            finding = only(doctor.check(server), level)
    finally:
        with admin(server.database_url) as conn:
            conn.exec_driver_sql("DROP FUNCTION public.clock_timestamp()")

    assert f"{words} this machine's" in finding.found
    assert "set-ntp" in finding.change


def test_few_free_connections_are_a_warning(server: Settings) -> None:
    engine = sa.create_engine(Database(server.database_url).url, pool_size=100)
    held = []
    try:
        with admin(server.database_url) as conn:
            most = int(conn.exec_driver_sql("SHOW max_connections").scalar_one())
        held = [engine.connect() for _ in range(most - 10)]
        finding = only(doctor.check(server), Level.WARNING)
    finally:
        for conn in held:
            conn.close()
        engine.dispose()

    assert "connections are free" in finding.found and finding.found.startswith("only ")
    assert finding.change.startswith("max_connections = ")


def test_a_newer_database_is_a_warning(server: Settings) -> None:
    with admin(server.database_url) as conn:
        was = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        try:
            finding = only(doctor.check(server), Level.WARNING)
        finally:
            conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{was}'")

    assert "newer version" in finding.found
