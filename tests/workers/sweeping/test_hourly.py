"""Hourly looks of the sweeper: when they come, and when they come again at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.ground.database.engine import Database
from workers.sweeping.hourly import LOOK_EVERY, Hourly

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_look_comes_at_once_and_then_every_hour_or_sooner_while_there_is_more(sqlite_database: Database) -> None:
    now, left = NOON, [True, True, False, False]
    looked = list[datetime]()

    def look(_database: Database, at: datetime) -> bool:
        looked.append(at)
        return left.pop(0)

    hourly = Hourly(sqlite_database, look, now=lambda: now)
    for after in (timedelta(), timedelta(), timedelta(), timedelta(), LOOK_EVERY - timedelta(seconds=1), LOOK_EVERY):
        now = NOON + after
        hourly.step()

    assert looked == [NOON, NOON, NOON, NOON + LOOK_EVERY]


def test_a_look_that_fails_comes_again_an_hour_later(sqlite_database: Database) -> None:
    now, failures = NOON, 0

    def look(_database: Database, _at: datetime) -> bool:
        nonlocal failures
        failures += 1
        raise ZeroDivisionError

    hourly = Hourly(sqlite_database, look, now=lambda: now)
    with pytest.raises(ZeroDivisionError):
        hourly.step()
    hourly.step()

    assert failures == 1
