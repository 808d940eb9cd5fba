"""The sweeper counts each day that is over, in steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.insight.trends.tables import counted_days
from moderation.sites.rows import Site
from tests.builders import NOON
from tests.clock import WallClock
from tests.moderation.conftest import add_site
from workers.sweeping import day_counter
from workers.sweeping.day_counter import LOOK_EVERY, DayCounter


@pytest.fixture(autouse=True)
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


def counted(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(counted_days)).scalar_one()


def work(counter: DayCounter) -> None:
    """The second step ends what a slow machine left of the first."""
    counter.step()
    counter.step()


def test_it_looks_now_and_then_and_counts_what_is_due(database: Database) -> None:
    clock = WallClock(NOON)
    counter = DayCounter(database, now=clock)

    work(counter)
    assert counted(database) == 1

    clock.time += timedelta(days=1)
    work(counter)
    assert counted(database) == 2
    clock.time += LOOK_EVERY - timedelta(seconds=1)
    work(counter)
    assert counted(database) == 2


def test_a_step_does_a_moments_work(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as conn:
        add_site(conn, "The Courier")
    monkeypatch.setattr(day_counter, "STEP_S", 0)
    counter = DayCounter(database, now=WallClock(NOON))

    found = []
    for _ in range(3):
        counter.step()
        found.append(counted(database))

    assert found == [1, 2, 2]
