"""A transaction of short queries runs without PostgreSQL's helpers, and the next one may have them again."""

from __future__ import annotations

import pytest

from moderation.ground.database.engine import Database, stay_alone

ASKED = "SELECT current_setting('max_parallel_workers_per_gather'), current_setting('jit')"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_helpers_stay_away_until_the_transaction_ends(database: Database) -> None:
    with database.read() as conn:
        usual = tuple(conn.exec_driver_sql(ASKED).one())
        stay_alone(conn)
        within = tuple(conn.exec_driver_sql(ASKED).one())
    with database.read() as conn:
        after = tuple(conn.exec_driver_sql(ASKED).one())

    assert within == ("0", "off")
    assert after == usual != within


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_has_no_helpers_to_keep_away(database: Database) -> None:
    with database.read() as conn:
        stay_alone(conn)

        assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1
