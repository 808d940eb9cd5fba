"""A day of Trends, History and the audit trail begins at midnight where its reader is."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from moderation.ground.database.engine import first_id_at
from moderation.insight.trends.rows import Period
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events.tables import events
from service.desk.frame.sentences import days
from service.languages import choice
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

FAR = pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def midnight(zone: str) -> datetime:
    """At which the present day began there."""
    there = ZoneInfo(zone)
    return datetime.combine(datetime.now(there).date(), time.min, there)


@pytest.fixture
def ben_there(ben: Browser, zone: str) -> Browser:
    ben.get("/desk/account").press("Save", language="", time_zone=zone)
    return ben


def rows_of(browser: Browser, path: str, **query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.client.get(path, query_string=query).get_data(as_text=True))))


def decided_at(cast: Cast, browser: Browser, *moments: datetime) -> None:
    """One comment that was flagged and then approved at each of the moments."""
    for moment in moments:
        comment = cast.flagged()
        browser.get(f"/desk/review/{comment.id}").press("Approve")
        with cast.database.write() as conn:
            conn.execute(events.delete().where(events.c.comment_id == comment.id))  # they name the decisions by id
            for version, later in ((1, 0), (2, 1)):
                made = decisions.update().where(decisions.c.comment_id == comment.id, decisions.c.version == version)
                conn.execute(made.values(id=first_id_at(moment + timedelta(milliseconds=later))))


@FAR
def test_trends_count_a_comment_on_its_readers_day(cast: Cast, ben_there: Browser, midnight: datetime) -> None:
    for moment in (midnight - timedelta(milliseconds=1), midnight, midnight + timedelta(milliseconds=1)):
        comment = cast.waiting(f"At {moment}.")
        with cast.database.write() as conn:
            conn.execute(comments.update().where(comments.c.id == comment.id).values(id=first_id_at(moment)))

    rows = rows_of(ben_there, "/desk/trends.csv")

    assert [row["arrived"] for row in rows] == ["0"] * 12 + ["1", "2"]
    assert rows[-1]["day"] == f"{midnight:%Y-%m-%d}"
    page = ben_there.get("/desk/trends")
    assert (page.field_named("from"), page.field_named("to")) == (rows[0]["day"], rows[-1]["day"])


@FAR
def test_trends_count_a_decision_on_its_readers_day(
    cast: Cast, ana: Browser, ben_there: Browser, midnight: datetime
) -> None:
    decided_at(cast, ana, midnight - timedelta(milliseconds=2), midnight, midnight + timedelta(milliseconds=5))

    rows = rows_of(ben_there, "/desk/trends.csv")

    assert [row["flagged"] for row in rows[-3:]] == ["0", "1", "2"]
    assert [row["approved_by_people"] for row in rows[-3:]] == ["0", "1", "2"]


@ON_SQLITE
@FAR
def test_the_audit_and_history_begin_and_end_with_the_readers_days(
    cast: Cast, ana: Browser, ben_there: Browser, midnight: datetime
) -> None:
    decided_at(cast, ana, midnight - timedelta(milliseconds=2), midnight, midnight + timedelta(milliseconds=5))
    today, yesterday = (f"{midnight - timedelta(days=n):%Y-%m-%d}" for n in (0, 1))

    def audited(first: str, last: str) -> int:
        query = {"site": cast.herald.id, "kind": "decisions", "from": first, "to": last}
        return len(rows_of(ben_there, "/desk/audit.csv", **query))

    def told(first: str, last: str) -> int:
        page = ben_there.get("/desk/history", **{"from": first, "to": last})
        return page.text.count("Ana approved this comment")

    for count in (audited, told):
        assert (count(today, today), count(yesterday, yesterday), count(yesterday, today)) == (2, 1, 3)
    page = ben_there.get("/desk/audit", **{"from": yesterday, "to": today})
    assert (page.field_named("from"), page.field_named("to")) == (yesterday, today)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Africa/Cairo", "2026-04-24", 23),  # the clocks skip midnight itself
        ("UTC", "2026-03-29", 24),
    ],
)
def test_a_day_on_which_the_clocks_change_is_shorter_or_longer(zone: str, day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00+00:00")

    found = dict(Period((), noon - timedelta(days=2), noon + timedelta(days=2), ZoneInfo(zone)).days())

    assert found[day].end - found[day].start == timedelta(hours=hours)
    assert len(found) == 5
    ordered = list(found.values())
    assert all(one.end == other.start for one, other in pairwise(ordered))


@FAR
def test_the_first_and_the_last_day_that_a_page_takes_have_ids(app: Flask, zone: str) -> None:
    with app.test_request_context():
        choice.follow({"time_zone": zone})
        first, end = days.midnight(days.EARLIEST), days.midnight(days.LATEST + timedelta(days=1))

        assert datetime(1970, 1, 1, tzinfo=UTC) <= first
        assert first_id_at(first) < first_id_at(end)
        assert (days.day_of(first), days.last_before(end)) == (days.EARLIEST, days.LATEST)
