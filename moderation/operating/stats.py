"""Numbers about moderation: volumes, people's decisions on flagged comments, waits, the backlog's course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy.engine import Connection

from moderation.model.statuses import CommentStatus
from moderation.store import queue, trends
from moderation.store.database import Database
from moderation.store.queue_view import QueueView
from moderation.store.trends import HUMAN, Moves, Outcome, Period

MAX_DAYS = 366
TOP = 10
COUNTED = 1_000_000
PACE_DAYS = 7  # the forecast continues the last week


@dataclass(frozen=True, slots=True)
class Day:
    day: str
    arrived: int
    published: int  # by the policy, as its first decision about a comment; so are the next two
    flagged: int
    rejected: int  # by the policy
    decided_again: int  # by the policy: after an edit, readers' reports or newer scores
    approved_by_people: int
    rejected_by_people: int
    taken_back: int
    backlog: int  # flagged comments at the end of the day

    @property
    def decided(self) -> int:
        """First decisions by the policy, of any kind: each comment counts once."""
        return self.published + self.flagged + self.rejected

    @property
    def flag_rate(self) -> float:
        """The share of decided comments that were flagged, 0..1."""
        return self.flagged / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes from flagging to a person's decision."""

    count: int
    median_min: float
    p90_min: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Comments that arrived, by their first decision. The parts add up to ``arrived``."""

    arrived: int
    published: int
    flagged: int
    rejected: int

    @property
    def undecided(self) -> int:
        """Those that wait for scores, or that were withdrawn or edited before they had any."""
        return self.arrived - self.published - self.flagged - self.rejected


@dataclass(frozen=True, slots=True)
class Forecast:
    waiting: int
    in_per_day: float
    out_per_day: float
    is_early: bool  # less than a day of decisions: nothing can be said about a pace

    @property
    def days_to_clear(self) -> float | None:
        """None if the queue does not shrink."""
        pace = self.out_per_day - self.in_per_day
        return self.waiting / pace if pace > 0 else None


@dataclass(frozen=True, slots=True)
class Trends:
    days: tuple[Day, ...]
    arrivals: Arrivals
    signals: tuple[Outcome, ...]
    articles: tuple[Outcome, ...]
    sections: tuple[Outcome, ...]
    waits: Waits | None
    forecast: Forecast

    @property
    def decided(self) -> int:
        """First decisions by the policy, over all days."""
        return sum(day.decided for day in self.days)


def trends_of(db: Database, period: Period, *, now: datetime) -> Trends:
    """Days are those of the period's zone. One snapshot, so that the tables agree with each other."""
    with db.read() as conn:
        waiting = queue.count(conn, QueueView(period.site_ids), at_most=COUNTED)
        waiting += queue.count(conn, QueueView(period.site_ids, escalated=True), at_most=COUNTED)
        moved = _moved(conn, period, now)
        arrived = trends.arrivals(conn, period)
        days = _days(period, moved, arrived, waiting, now)
        return Trends(
            days=days,
            arrivals=_arrivals(sum(arrived.values()), trends.first_verdicts(conn, period)),
            signals=tuple(trends.by_signal(conn, period)),
            articles=tuple(trends.by_article(conn, period, limit=TOP)),
            sections=tuple(trends.by_section(conn, period)),
            waits=_waits(trends.waits(conn, period)),
            forecast=_forecast(waiting, moved, _first_move(conn, period, now), replace(period, end=now)),
        )


def _moved(conn: Connection, period: Period, now: datetime) -> list[Moves]:
    """By day, of the period and of the last week. All between them counts as of one day, since only its sum is asked
    for: an old period would take a query for each day until now."""
    week = now - timedelta(days=PACE_DAYS)
    newest = replace(period, start=min(period.start, week), end=now + timedelta(days=1))
    if period.end >= week:
        return trends.moves(conn, newest)
    between = replace(period, start=period.end, end=week)
    return [
        *trends.moves(conn, period),
        *trends.moves_of_day(conn, f"{period.day_of(week):%Y-%m-%d}", between),
        *trends.moves(conn, replace(newest, start=week)),
    ]


def by_moderator(db: Database, period: Period) -> list[Outcome]:
    """For a lead. ``flagged`` counts the decisions that were undone. In the order of names: this is no race."""
    with db.read() as conn:
        return trends.by_moderator(conn, period)


def _days(
    period: Period, moved: Sequence[Moves], arrived: dict[str, int], waiting: int, now: datetime
) -> tuple[Day, ...]:
    by_day: dict[str, list[Moves]] = defaultdict(list)
    for move in moved:
        by_day[move.day].append(move)
    days, backlog = [], waiting
    # The present backlog is known; each day's moves lead back to the evening before
    for day in reversed(_names(period, period.start, max(now, period.end))):
        days.append(_day(day, by_day[day], arrived.get(day, 0), backlog))
        backlog -= _net(by_day[day])
    wanted = set(_names(period, period.start, period.end - timedelta(seconds=1)))
    return tuple(day for day in reversed(days) if day.day in wanted)


def _day(day: str, moved: Sequence[Moves], arrived: int, backlog: int) -> Day:
    def first(to: CommentStatus) -> int:
        return sum(m.count for m in moved if m.is_first and m.status_after == to)

    def by_people(to: CommentStatus) -> int:
        by_them = [m for m in moved if m.decided_by in HUMAN and m.status_after == to and not m.is_undo]
        return sum(m.count for m in by_them if m.status_before != to)  # to feature a comment decides nothing anew

    return Day(
        day=day,
        arrived=arrived,
        published=first(CommentStatus.PUBLISHED),
        flagged=first(CommentStatus.FLAGGED),
        rejected=first(CommentStatus.REJECTED),
        decided_again=sum(m.count for m in moved if m.decided_by not in HUMAN and not m.is_first),
        approved_by_people=by_people(CommentStatus.PUBLISHED),
        rejected_by_people=by_people(CommentStatus.REJECTED),
        taken_back=sum(m.count for m in moved if m.is_undo),
        backlog=max(0, backlog),
    )


def _net(moved: Sequence[Moves]) -> int:
    """How much the number of flagged comments grew."""
    into = sum(m.count for m in moved if m.status_after == CommentStatus.FLAGGED)
    out = sum(m.count for m in moved if m.status_before == CommentStatus.FLAGGED)
    return into - out


def _waits(seconds: Sequence[float]) -> Waits | None:
    if len(seconds) < 2:
        return None
    return Waits(len(seconds), median(seconds) / 60, quantiles(seconds, n=10)[-1] / 60)


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
