"""Sums from days that were counted once are the same as sums from the decisions themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bench.million.filling import Filled, fill
from moderation.ground.database.engine import Database, first_id_at, new_id
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.trends import day_counting, stats
from moderation.insight.trends import day_rows as store
from moderation.insight.trends.rows import Period
from moderation.insight.trends.tables import counted_days, tallies
from moderation.insight.trends.tally_rows import TallySpan, spans, wait_name, wait_s
from moderation.insight.trends.trend_values import Trends
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites import sites
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions
from tests.builders import OPERATOR
from tests.own_databases import own_database
from tests.statements import Asked, steps

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
DAYS = 90
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
OTHERWISE = {CommentStatus.PUBLISHED: CommentStatus.REJECTED, CommentStatus.REJECTED: CommentStatus.PUBLISHED}
PERIODS = [
    ("UTC", 89, -1), ("UTC", 14, -1), ("UTC", 59, 12), ("Europe/Berlin", 75, 16), ("Asia/Kathmandu", 50, -1),
    ("America/New_York", 1, -1), ("UTC", -3, -9),
]  # fmt: skip
"""A zone, and the first and the last day before today. The clocks of Berlin change in the fourth."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def archive(request: pytest.FixtureRequest) -> Iterator[Database]:
    with own_database(request, "days") as database:
        yield database


@pytest.fixture(scope="module")
def filled(archive: Database) -> Filled:
    """A season at three sites. Of people's decisions, some were undone a week later, one of them twice; others were
    overturned, one of them until that was undone."""
    made = fill(archive, 600, days=DAYS, now=NOW)
    with archive.write() as conn:
        mine = sa.select(decisions).where(sa.text(BY_PEOPLE)).order_by(decisions.c.id).limit(40)
        made_by_people = conn.execute(mine).mappings().all()
        for number, row in enumerate(made_by_people[2::10]):
            at, other = row["created_at"] + timedelta(days=9), OTHERWISE[row["status_after"]]
            later = {"id": _id_at(at), "version": 3, "created_at": at}
            otherwise = {"status_before": row["status_after"], "status_after": other}
            conn.execute(decisions.insert().values({**row, **later, **otherwise}))
            if number == 1:
                at += timedelta(days=7)
                undo = {"id": _id_at(at), "version": 4, "undoes": later["id"], "created_at": at}
                conn.execute(decisions.insert().values({**row, **undo, "status_before": other}))
        for number, row in enumerate(made_by_people[::5]):
            for version in (3, 4) if number == 1 else (3,):
                at = row["created_at"] + timedelta(days=7 * (version - 2))
                undo = {"id": _id_at(at), "version": version, "undoes": row["id"], "created_at": at}
                back = {"status_before": row["status_after"], "status_after": row["status_before"], "action": "flag"}
                conn.execute(decisions.insert().values({**row, **undo, **back}))
    return made


def _id_at(moment: datetime) -> str:
    """Two undone decisions may fall on one millisecond."""
    return first_id_at(moment)[:24] + new_id()[24:]


def trends_of(database: Database, filled: Filled, zone: str, first: int, last: int) -> Trends:
    tz = ZoneInfo(zone)
    start, end = ((TODAY - timedelta(days=days)).replace(tzinfo=tz).astimezone(UTC) for days in (first, last))
    return stats.trends_of(database, Period(filled.site_ids, start, end, tz), now=NOW)


def test_trends_are_the_same_before_amid_and_after_the_days_are_counted(archive: Database, filled: Filled) -> None:
    uncounted = [trends_of(archive, filled, *asked) for asked in PERIODS]

    half = list(day_counting.count_due(archive, now=NOW - timedelta(days=25)))
    amid = [trends_of(archive, filled, *asked) for asked in PERIODS]
    rest = list(day_counting.count_due(archive, now=NOW))
    counted = [trends_of(archive, filled, *asked) for asked in PERIODS]

    assert amid == uncounted
    assert counted == uncounted
    assert len(half) > 100
    assert len(rest) == 3 * 25
    all_of_it = uncounted[0]
    # 8 undone, the one that was twice once only; 3 overturned, and the decision that overturned a fourth undone
    assert sum(person.flagged for person in all_of_it.people) == 8 + 3 + 1
    assert sum(reason.approved for reason in all_of_it.signals) > 5
    assert len(all_of_it.articles) == 10
    assert all_of_it.waits is not None


def test_a_counted_day_is_not_counted_again(archive: Database, filled: Filled) -> None:
    list(day_counting.count_due(archive, now=NOW))
    with archive.read() as conn:
        before = conn.execute(sa.select(sa.func.sum(tallies.c.count))).scalar_one()
        site_id, day = conn.execute(sa.select(counted_days.c.site_id, counted_days.c.day).limit(1)).one()

    day_counting.count_day(archive, site_id, day)
    again = list(day_counting.count_due(archive, now=NOW))

    with archive.read() as conn:
        assert conn.execute(sa.select(sa.func.sum(tallies.c.count))).scalar_one() == before
    assert again == []


def test_what_was_counted_stays_when_comments_go(archive: Database, filled: Filled) -> None:
    list(day_counting.count_due(archive, now=NOW))
    asked = ("UTC", 89, 2)
    before = trends_of(archive, filled, *asked)

    with archive.write() as conn:
        decided = comments.c.status.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED))
        oldest = sa.select(comments.c.id).where(decided).order_by(comments.c.id)
        assert retention.delete_comments(conn, conn.execute(oldest.limit(300)).scalars().all()) == 300

    after = trends_of(archive, filled, *asked)
    assert replace(after, forecast=before.forecast) == before


def test_every_sum_walks_an_index(archive: Database, filled: Filled) -> None:
    list(day_counting.count_due(archive, now=NOW))
    asked = Asked(archive)

    with asked.listening():
        trends_of(archive, filled, "Europe/Berlin", 75, -1)

    of_tallies = [each for each in asked.statements if "FROM tallies" in each[0]]
    assert len(of_tallies) == 3
    for statement, parameters in of_tallies:
        assert _is_indexed(archive, statement, parameters)
    if archive.is_sqlite:
        assert asked.scans() == []


def _is_indexed(database: Database, statement: str, parameters: object) -> bool:
    if database.is_sqlite:
        taken = [step for step in steps(statement, parameters) if " tallies" in step]
        return all("USING PRIMARY KEY (site_id=? AND span=? AND kind=? AND day>? AND day<?" in step for step in taken)
    with database.read() as conn:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small as the table is, else it would read it whole
        found = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]  # type: ignore[arg-type]
    return any("pk_tallies" in step for step in found) and not any("Seq Scan on tallies" in step for step in found)


def test_a_day_is_due_an_hour_after_it_ended_and_a_new_site_begins_yesterday(database: Database) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    site_id = sites.create_site(database, "The Herald", by=OPERATOR, now=midnight).site.id

    early = list(day_counting.count_due(database, now=midnight + timedelta(minutes=59)))
    due = list(day_counting.count_due(database, now=midnight + timedelta(minutes=60)))

    assert early == [(site_id, date(2026, 2, 28))]
    assert due == [(site_id, date(2026, 3, 1))]
    with database.read() as conn:
        assert store.counted_until(conn, (site_id,)) == {site_id: midnight}


@pytest.mark.parametrize(
    ("first", "end", "found"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), []),
        (date(2026, 3, 2), date(2026, 3, 31), [TallySpan.DAY]),
        (date(2026, 3, 2), date(2026, 4, 1), [TallySpan.DAY]),
        (date(2026, 3, 1), date(2026, 4, 1), [TallySpan.MONTH]),
        (date(2025, 11, 30), date(2026, 2, 1), [TallySpan.DAY, TallySpan.MONTH]),
        (date(2025, 12, 1), date(2026, 2, 2), [TallySpan.MONTH, TallySpan.DAY]),
        (date(2025, 12, 31), date(2026, 3, 2), [TallySpan.DAY, TallySpan.MONTH, TallySpan.DAY]),
    ],
)
def test_whole_months_are_read_from_their_own_rows(first: date, end: date, found: list[TallySpan]) -> None:
    parts = spans(first, end)

    assert [span for span, _, _ in parts] == found
    assert [stop for _, _, stop in parts][:-1] == [start for _, start, _ in parts][1:]
    assert not parts or (parts[0][1], parts[-1][2]) == (first, end)


@pytest.mark.parametrize("seconds", [1, 59, 3_600, 86_400 * 30])
def test_a_wait_is_known_to_within_a_fortieth(seconds: float) -> None:
    assert wait_s(wait_name(seconds)) == pytest.approx(seconds, rel=1 / 40)
    assert wait_name(0) == wait_name(0.5) == "0"
