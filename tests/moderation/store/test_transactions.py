"""How transactions begin on SQLite: a writer takes its turn at once, a reader takes none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from moderation.monitoring.instruments import instruments
from moderation.store.database import Database


@contextmanager
def another_process(database: Database) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(str(make_url(database.url).database), timeout=0, isolation_level=None)) as connection:
        yield connection


def without_patience(database: Database) -> None:
    """The one connection of the pool no longer waits for other writers."""
    with database.read() as conn:
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
