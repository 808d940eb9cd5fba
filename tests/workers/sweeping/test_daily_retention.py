"""The sweeper deletes once a day what sites no longer keep, in steps, under a lease."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.statuses import CommentStatus
from moderation.operations.operating.deleting import retention
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.actors import ActorKind
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.clock import WallClock
from tests.moderation.conftest import Newsroom, add_site
from workers.sweeping import daily_retention
from workers.sweeping.daily_retention import DailyRetention

HOUR = 3
LONG = timedelta(days=40)


@pytest.fixture
def clock() -> WallClock:
    return WallClock(NOON)


@pytest.fixture(autouse=True)
def ids_of_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids say when a comment came, and those of a test came just now."""
    last = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    monkeypatch.setattr("moderation.operations.operating.deleting.retention_rows.first_id_at", lambda _moment: last)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step ends a run, also on a busy machine."""
    monkeypatch.setattr(daily_retention, "STEP_S", 60.0)


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


def keep(database: Database, site: Site, **days: Any) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(**days))


def old(newsroom: Newsroom, name: str, status: CommentStatus) -> str:
    """A comment that has stood so for long."""
    comment_id = newsroom.post(f"{name} speaks of ferries and of fares at some length.", id=name).comment.id
    with newsroom.database.write() as conn:
        change = {"status": status, "updated_at": NOON - LONG}
        conn.execute(comments.update().where(comments.c.id == comment_id).values(**change))
    return comment_id


def left(database: Database) -> dict[str, str]:
    """The text of each comment by its name."""
    with database.read() as conn:
        return {row.external_id: row.text for row in conn.execute(sa.select(comments))}


def schedule(database: Database, now: datetime) -> retention.Schedule:
    with database.read() as conn:
        return retention.schedule(conn, hour=HOUR, now=now)


def test_it_runs_once_a_day_and_says_what_went_and_when_it_runs_next(
    newsroom: Newsroom, clock: WallClock, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    database = newsroom.database
    keep(database, site, keep_rejected_days=30)
    old(newsroom, "first", CommentStatus.REJECTED)
    counted = instruments().retained.labels("rejected")
    before = counted._value.get()
    daily = DailyRetention(database, "sweeper-1", hour=HOUR, now=clock)

    assert schedule(database, NOON).is_due(NOON)
    with caplog.at_level(logging.INFO):
        daily.step()
    after_first = left(database)
    old(newsroom, "second", CommentStatus.REJECTED)
    clock.time = datetime(2026, 3, 3, 2, 59, tzinfo=NOON.tzinfo)
    daily.step()
    before_hour = left(database)
    clock.time += timedelta(minutes=2)
    daily.step()

    assert (after_first, list(before_hour), left(database)) == ({}, ["second"], {})
    assert "daily retention: 1 rejected comments; next at 2026-03-03 03:00 UTC" in caplog.text
    found = schedule(database, clock.time)
    assert (found.last_at, found.next_at) == (clock.time, datetime(2026, 3, 4, 3, tzinfo=NOON.tzinfo))
    assert found.removed == {
        "published": 0,
        "rejected": 1,
        "withdrawn": 0,
        "withdrawn_text": 0,
        "labels": 0,
        "vectors": 0,
        "address": 0,
        "notices": 0,
        "notice_contacts": 0,
        "suspensions": 0,
    }
    assert counted._value.get() == before + 2
    with database.read() as conn:
        (entry, *_) = audit_entries.entries(conn, site.id, before=None, limit=5)
    assert (entry.action, entry.actor_kind) == ("retention.deleted", ActorKind.SYSTEM)


def test_a_long_run_goes_in_steps_and_is_done_when_all_is_gone(
    newsroom: Newsroom, clock: WallClock, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PAGE", 2)
    monkeypatch.setattr(daily_retention, "STEP_S", 0)
    keep(newsroom.database, site, keep_rejected_days=30)
    for number in range(5):
        old(newsroom, f"c-{number}", CommentStatus.REJECTED)
    daily = DailyRetention(newsroom.database, "sweeper-1", hour=HOUR, now=clock)

    counts = []
    for _ in range(4):
        daily.step()
        counts.append((len(left(newsroom.database)), schedule(newsroom.database, NOON).last_at))

    assert counts == [(3, None), (1, None), (0, None), (0, NOON)]


def test_one_sweeper_deletes_and_another_goes_on_when_it_is_gone(
    newsroom: Newsroom, clock: WallClock, site: Site
) -> None:
    keep(newsroom.database, site, keep_rejected_days=30)
    old(newsroom, "c-1", CommentStatus.REJECTED)
    with newsroom.database.write() as conn:
        until = NOON + daily_retention.LEASE_FOR
        leases.take(conn, retention.LEASE, "killed", until=until, now=NOON)
    daily = DailyRetention(newsroom.database, "sweeper-2", hour=HOUR, now=clock)

    daily.step()
    while_held = list(left(newsroom.database))
    clock.time = until + timedelta(seconds=1)
    daily.step()

    assert (while_held, left(newsroom.database)) == (["c-1"], {})


def test_a_run_that_fails_is_not_taken_for_done(
    newsroom: Newsroom, clock: WallClock, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(newsroom.database, site, keep_rejected_days=30)
    old(newsroom, "c-1", CommentStatus.REJECTED)
    daily = DailyRetention(newsroom.database, "sweeper-1", hour=HOUR, now=clock)

    def fail(*_given: object) -> int:
        raise sa.exc.OperationalError("DELETE", {}, Exception("the disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr("moderation.operations.operating.deleting.retention_rows.delete_comments", fail)
        with pytest.raises(sa.exc.OperationalError):
            daily.step()
    daily.step()  # at once: nothing is tried again within a minute
    meanwhile = list(left(newsroom.database)), schedule(newsroom.database, NOON).last_at
    clock.time += timedelta(minutes=2)
    daily.step()

    assert meanwhile == (["c-1"], None)
    assert left(newsroom.database) == {}


def test_the_hours_of_a_day_are_those_of_utc(database: Database, queues: Queues) -> None:
    late = NOON.replace(hour=2)

    assert schedule(database, late).next_at == (NOON - timedelta(days=1)).replace(hour=HOUR)
    assert schedule(database, NOON).next_at == NOON.replace(hour=HOUR)
