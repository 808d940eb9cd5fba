"""Numbers about moderation: volumes, people's decisions on flagged comments, waits, the backlog's course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, stay_alone
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.insight.trends import rows as trends
from moderation.insight.trends import rule_names
from moderation.insight.trends import sum_rows as period_sums
from moderation.insight.trends.day_rows import Stretch
from moderation.insight.trends.rows import HeadingOutcomes, Moves, Period
from moderation.insight.trends.sum_rows import TOP, Course
from moderation.insight.trends.tally_rows import FLAGGED, UNDONE, WAITED, Tallies, TallyKind, by_name, wait_s
from moderation.insight.trends.trend_values import Arrivals, Day, Forecast, Trends, Waits
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueView
from moderation.sites.people import rows as people
from moderation.spine.articles import rows as articles

MAX_DAYS = 366
COUNTED = 1_000_000
KINDS = tuple(TallyKind)
APPROVED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED
PACE_DAYS = 7  # the forecast continues the last week


def trends_of(db: Database, period: Period, *, now: datetime) -> Trends:
    """Days are those of the period's zone. One snapshot, so that the tables agree with each other."""
    with db.read() as conn:
        stay_alone(conn)
        waiting = queue.count(conn, QueueView(period.site_ids), at_most=COUNTED)
        waiting += queue.count(conn, QueueView(period.site_ids, escalated=True), at_most=COUNTED)
        course = period_sums.course(conn, period, _stretches(period, now))
        counted = rule_names.named(conn, period, period_sums.tallies_of(conn, period, KINDS))
        days = _days(period, course, waiting, now)
        return Trends(
            days=days,
            arrivals=_arrivals(sum(day.arrived for day in days), by_name(counted, TallyKind.FIRST_VERDICT).get("", {})),
            signals=_outcomes(counted, TallyKind.REASON),
            articles=_with_titles(conn, _outcomes(counted, TallyKind.ARTICLE)[:TOP]),
            sections=_outcomes(counted, TallyKind.SECTION),
            waits=_waits({wait_s(name): n[WAITED] for name, n in by_name(counted, TallyKind.WAIT).items()}),
            people=_by_moderator(conn, counted),
            forecast=_forecast(waiting, course.moves, _first_move(conn, period, now), replace(period, end=now)),
        )


def _stretches(period: Period, now: datetime) -> list[Stretch]:
    """The days of the period and of the last week. All between them is one stretch, named as a day, since only its sum
    is asked for: an old period would take a query for each day until now."""
    week = midnight_of(period, now - timedelta(days=PACE_DAYS))
    newest = replace(period, start=min(period.start, week), end=now + timedelta(days=1))
    if period.end >= week:
        return _by_day(newest)
    between = (f"{period.day_of(week):%Y-%m-%d}", period.end, week)
    return [*_by_day(period), between, *_by_day(replace(newest, start=week))]


def midnight_of(period: Period, moment: datetime) -> datetime:
    """When the moment's day began in the period's zone, in UTC."""
    return datetime.combine(period.day_of(moment), time.min, period.zone).astimezone(UTC)


def _by_day(period: Period) -> list[Stretch]:
    return [(name, day.start, day.end) for name, day in period.days()]


def by_moderator(db: Database, period: Period) -> tuple[HeadingOutcomes, ...]:
    """As ``Trends.people``, of these sites."""
    with db.read() as conn:
        stay_alone(conn)
        return _by_moderator(conn, period_sums.tallies_of(conn, period, (TallyKind.PERSON,)))


def _by_moderator(conn: Connection, counted: Tallies) -> tuple[HeadingOutcomes, ...]:
    """The people in the order of names: this is no race."""
    by_id = by_name(counted, TallyKind.PERSON)
    names = people.names(conn, list(by_id))
    outcomes = [
        HeadingOutcomes(names[id], n[UNDONE], n[APPROVED], n[REJECTED]) for id, n in by_id.items() if id in names
    ]
    return tuple(sorted(outcomes, key=lambda outcome: outcome.name))


def _outcomes(counted: Tallies, kind: TallyKind) -> tuple[HeadingOutcomes, ...]:
    """Most flagged first."""
    outcomes = [
        HeadingOutcomes(name, n[FLAGGED], n[APPROVED], n[REJECTED], name if kind is TallyKind.ARTICLE else None)
        for name, n in by_name(counted, kind).items()
    ]
    return tuple(sorted(outcomes, key=lambda outcome: (-outcome.flagged, outcome.name)))


def _with_titles(conn: Connection, outcomes: Sequence[HeadingOutcomes]) -> tuple[HeadingOutcomes, ...]:
    """Articles by title, or else by the site's id."""
    titles = articles.titles(conn, [outcome.name for outcome in outcomes])
    return tuple(replace(outcome, name=titles[outcome.name]) for outcome in outcomes if outcome.name in titles)


def _days(period: Period, course: Course, waiting: int, now: datetime) -> tuple[Day, ...]:
    by_day, undone = _by_name(course.moves), _by_name(course.undone)
    days, backlog = [], waiting
    # The present backlog is known; each day's moves lead back to the evening before
    for day in reversed(_names(period, period.start, max(now, period.end))):
        days.append(_day(day, by_day[day], undone[day], course.arrived[day], backlog))
        backlog -= _net(by_day[day])
    wanted = set(_names(period, period.start, period.end - timedelta(seconds=1)))
    return tuple(day for day in reversed(days) if day.day in wanted)


def _by_name(moves: Sequence[Moves]) -> defaultdict[str, list[Moves]]:
    by_day: defaultdict[str, list[Moves]] = defaultdict(list)
    for move in moves:
        by_day[move.day].append(move)
    return by_day


def _day(day: str, moved: Sequence[Moves], undone: Sequence[Moves], arrived: int, backlog: int) -> Day:
    def first(to: CommentStatus) -> int:
        return sum(m.count for m in moved if m.is_first and m.status_after == to)

    def by_people(to: CommentStatus) -> int:
        return _decided(moved, to) - _decided(undone, to)

    return Day(
        day=day,
        arrived=arrived,
        published=first(CommentStatus.PUBLISHED),
        flagged=first(CommentStatus.FLAGGED),
        rejected=first(CommentStatus.REJECTED),
        decided_again=sum(m.count for m in moved if m.decided_by not in PEOPLE and not m.is_first),
        approved_by_people=by_people(CommentStatus.PUBLISHED),
        rejected_by_people=by_people(CommentStatus.REJECTED),
        taken_back=sum(m.count for m in undone),
        backlog=max(0, backlog),
    )


def _decided(moved: Sequence[Moves], to: CommentStatus) -> int:
    """Decisions by people. To feature a comment decides nothing anew."""
    by_them = [m for m in moved if m.decided_by in PEOPLE and m.status_after == to and not m.is_undo]
    return sum(m.count for m in by_them if m.status_before != to)


def _net(moved: Sequence[Moves]) -> int:
    """How much the number of flagged comments grew."""
    into = sum(m.count for m in moved if m.status_after == CommentStatus.FLAGGED)
    out = sum(m.count for m in moved if m.status_before == CommentStatus.FLAGGED)
    return into - out


def _waits(counts: Mapping[float, int]) -> Waits | None:
    """Of the seconds of each wait, and how often it came. None for fewer than two."""
    total = sum(counts.values())
    if total < 2:
        return None
    return Waits(total, _quantile(counts, 0.5) / 60, _quantile(counts, 0.9) / 60)


def _quantile(counts: Mapping[float, int], share: float) -> float:
    """The least value that at least this share of all do not exceed."""
    so_far, least = 0, share * sum(counts.values())
    for value in sorted(counts):
        so_far += counts[value]
        if so_far >= least:
            return value
    return max(counts)


def _arrivals(arrived: int, verdicts: Mapping[str, int]) -> Arrivals:
    published, flagged, rejected = (
        verdicts.get(status, 0) for status in (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED)
    )
    return Arrivals(arrived, published, flagged, rejected)


def _first_move(conn: Connection, period: Period, now: datetime) -> datetime | None:
    return trends.first_decision_since(conn, period.site_ids, now - timedelta(days=PACE_DAYS))


def _forecast(waiting: int, moved: Sequence[Moves], since: datetime | None, until_now: Period) -> Forecast:
    """At the pace of the last week, or of the days since the first decision, if there are fewer."""
    now = until_now.end
    days = 0.0 if since is None else min(PACE_DAYS, (now - since) / timedelta(days=1))
    if days < 1:
        return Forecast(waiting, 0, 0, is_early=True)
    recent = set(_names(until_now, now - timedelta(days=PACE_DAYS - 1), now))
    last_week = [m for m in moved if m.day in recent]
    into = sum(m.count for m in last_week if m.status_after == CommentStatus.FLAGGED)
    out = sum(m.count for m in last_week if m.status_before == CommentStatus.FLAGGED)
    return Forecast(waiting, into / days, out / days, is_early=False)


def _names(of: Period, start: datetime, end: datetime) -> list[str]:
    first, last = of.day_of(start), of.day_of(end)
    return [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(max(0, (last - first).days + 1))]
