"""How transactions begin on SQLite: a writer takes its turn at once, a reader takes none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotKept
from moderation.ground.monitoring.instruments import instruments


@contextmanager
def another_process(database: Database) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(str(make_url(database.url).database), timeout=0, isolation_level=None)) as connection:
        yield connection


def without_patience(database: Database) -> None:
    """The connection of the writers no longer waits for those of other processes."""
    with database.write() as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout = 0")


def test_a_writer_has_its_turn_before_its_first_statement(sqlite_database: Database) -> None:
    with (
        another_process(sqlite_database) as other,
        sqlite_database.write(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_reader_is_in_no_writers_way_and_sees_one_moment(sqlite_database: Database) -> None:
    with another_process(sqlite_database) as other, sqlite_database.read() as conn:
        before = conn.exec_driver_sql("SELECT count(*) FROM site_figures").scalar_one()
        other.execute("CREATE TABLE later (id INTEGER)")

        assert conn.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'later'").scalar_one() == 0
        assert before == 0


def test_the_connection_of_a_reader_writes_again_afterwards(sqlite_database: Database) -> None:
    with another_process(sqlite_database) as other:
        with sqlite_database.read() as conn:
            conn.exec_driver_sql("SELECT 1")
        with sqlite_database.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_a_turn_that_does_not_come_is_an_error_of_the_database_and_counted(sqlite_database: Database) -> None:
    without_patience(sqlite_database)
    counted = instruments().storage_errors.labels("OperationalError")
    before = counted._value.get()

    with another_process(sqlite_database) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), sqlite_database.write():
            raise AssertionError("this is not reached")

    assert counted._value.get() == before + 1
    with sqlite_database.write() as conn:  # and the next one has its turn
        conn.exec_driver_sql("CREATE TABLE later (id INTEGER)")


def dbapi_of(conn: Connection) -> object:
    return conn.connection.dbapi_connection


def test_the_writers_of_all_threads_have_one_connection(sqlite_database: Database) -> None:
    with sqlite_database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE later (id INTEGER)")

    def write(id: int) -> object:
        with sqlite_database.write() as conn, sqlite_database.read() as reader:
            conn.exec_driver_sql("INSERT INTO later VALUES (?)", (id,))
            assert dbapi_of(reader) is not dbapi_of(conn)
            return dbapi_of(conn)

    with ThreadPoolExecutor(4) as threads:
        used = set(threads.map(write, range(40)))

    assert len(used) == 1
    with sqlite_database.read() as conn:
        assert sorted(conn.exec_driver_sql("SELECT id FROM later").scalars()) == list(range(40))


def test_a_writer_that_fails_leaves_nothing_to_the_next(sqlite_database: Database) -> None:
    def fail(conn: Connection) -> None:
        conn.exec_driver_sql("CREATE TABLE of_the_first (id INTEGER)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), sqlite_database.write() as conn:
        fail(conn)
    with sqlite_database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE of_the_second (id INTEGER)")

    with sqlite_database.read() as conn:
        named = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE 'of_the_%'").scalars().all()
    assert named == ["of_the_second"]


def used_by(database: Database, error: Exception) -> object:
    """The connection of a writer that ends with the error."""
    used: list[object] = []

    def fail(conn: Connection) -> None:
        used.append(dbapi_of(conn))
        raise error

    with pytest.raises(type(error)), database.write() as conn:
        fail(conn)
    return used[0]


def test_a_refusal_keeps_the_writers_connection_and_another_error_does_not(sqlite_database: Database) -> None:
    refused, failed = used_by(sqlite_database, NotKept()), used_by(sqlite_database, ZeroDivisionError())

    with sqlite_database.write() as conn:
        assert dbapi_of(conn) is not failed
    assert refused is failed


def test_a_connection_that_was_used_after_its_turn_is_nobody_elses(sqlite_database: Database) -> None:
    with sqlite_database.write() as late:
        pass
    late.exec_driver_sql("CREATE TABLE of_the_late (id INTEGER)")

    with sqlite_database.write() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'of_the_late'").scalar_one() == 0


def test_a_writer_that_is_stopped_amid_its_rollback_takes_its_connection_along(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_args: object) -> None:
        raise KeyboardInterrupt

    def fail(conn: Connection) -> None:
        conn.exec_driver_sql("CREATE TABLE of_the_first (id INTEGER)")
        monkeypatch.setattr(conn, "_rollback_impl", stopped)
        raise ZeroDivisionError

    with pytest.raises(KeyboardInterrupt), sqlite_database.write() as conn:
        fail(conn)

    with sqlite_database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE of_the_second (id INTEGER)")


def test_closing_closes_the_writers_connection_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gavel.db'}")
    with database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE later (id INTEGER)")
    log = tmp_path / "gavel.db-wal"
    assert log.exists()

    database.close()

    assert not log.exists(), "SQLite removes its log with the last connection"
