"""Sums over days. Ids grow with time, so a range of days is a range of ids, and their index serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.model.statuses import CommentStatus, DecidedBy
from moderation.schema import BY_PEOPLE, EVER, articles, comments, decisions, moderators
from moderation.store.database import first_id_at
from moderation.store.decisions import first_reason

HUMAN = (DecidedBy.MODERATOR, DecidedBy.API)
MAX_WAITS = 10_000
_LATER = decisions.alias("later")
_HOW_MANY = sa.select(sa.func.count())


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to but not including ``end``. Its days begin at midnight in ``zone``."""

    site_ids: tuple[str, ...]
    start: datetime
    end: datetime
    zone: tzinfo = UTC

    def day_of(self, moment: datetime) -> date:
        """The day of the zone on which the moment falls."""
        return moment.astimezone(self.zone).date()

    def days(self) -> Iterator[tuple[str, Period]]:
        """Each day as ``2026-03-02``, and the period that it is. The first and the last may be cut short, and a day on
        which the clocks change has 23 or 25 hours."""
        start = self.start
        while start < self.end:
            day = self.day_of(start)
            midnight = datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)
            yield f"{day:%Y-%m-%d}", replace(self, start=start, end=min(midnight, self.end))
            start = midnight


@dataclass(frozen=True, slots=True)
class Moves:
    """How many decisions of a kind fell on a day."""

    day: str  # 2026-03-02
    decided_by: str
    status_before: str
    status_after: str
    is_undo: bool
    is_first: bool  # the first decision about the comment, by the policy or the system
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """People's decisions on the comments that were flagged under one heading."""

    name: str
    flagged: int
    approved: int
    rejected: int
    key: str | None = None  # the id of what the heading names, if it has one

    @property
    def overturned(self) -> float | None:
        """The share of people's decisions that approved; None while there are none."""
        judged = self.approved + self.rejected
        return self.approved / judged if judged else None

    def flag_rate(self, decided: int) -> float | None:
        """The share of all the policy's decisions that flagged under this heading."""
        return self.flagged / decided if decided else None


def moves(conn: Connection, period: Period) -> list[Moves]:
    """How often comments went from one status to another, by day, decider and whether it was an undo. History that was
    imported was decided elsewhere, and does not count."""
    return [moves for name, day in period.days() for moves in moves_of_day(conn, name, day)]


def moves_of_day(conn: Connection, name: str, period: Period) -> list[Moves]:
    """The same of a whole period, as of the day of that name."""
    return [
        Moves(name, r.decided_by, r.status_before, r.status_after, bool(r.is_undo), bool(r.is_first), r.n)
        for r in conn.execute(_within(_MOVES, decisions, period))
    ]


def first_verdicts(conn: Connection, period: Period) -> dict[str, int]:
    """Of the comments that arrived in the period: how many got each status by their first decision, whenever that came.

    Both ids grow with time, and no decision comes before its comment.
    """
    first, end = first_id_at(period.start), first_id_at(period.end)
    query = (
        sa.select(decisions.c.status_after, sa.func.count().label("n"))
        .where(decisions.c.site_id.in_(period.site_ids), decisions.c.id >= first)
        .where(decisions.c.comment_id >= first, decisions.c.comment_id < end, _is_first())
        .group_by(decisions.c.status_after)
    )
    return {row.status_after: row.n for row in conn.execute(query)}


def first_decision_since(conn: Connection, site_ids: Sequence[str], since: datetime) -> datetime | None:
    """When the first decision of these sites since then was made, without imported history."""
    found: list[datetime] = []
    for site_id in site_ids:
        here = sa.and_(decisions.c.site_id == site_id, decisions.c.decided_by != DecidedBy.IMPORT)
        mine = sa.select(decisions.c.created_at).where(here)
        found += conn.execute(
            mine.where(decisions.c.id >= first_id_at(since)).order_by(decisions.c.id).limit(1)
        ).scalars()
    return min(found, default=None)


def _is_first() -> sa.ColumnElement[bool]:
    """A comment arrives at version 1, and its first decision is about that version."""
    return sa.and_(decisions.c.version == 1, decisions.c.decided_by.not_in((*HUMAN, DecidedBy.IMPORT)))


def arrivals(conn: Connection, period: Period) -> dict[str, int]:
    """By day, without imported history. Ids hold the time of arrival, so comments are counted in an index."""
    ever, imported = _HOW_MANY.where(sa.text(EVER)), _HOW_MANY.where(decisions.c.decided_by == DecidedBy.IMPORT)
    return {
        name: conn.execute(_within(ever, comments, day)).scalar_one()
        - conn.execute(_within(imported, decisions, day)).scalar_one()
        for name, day in period.days()
    }


def by_signal(conn: Connection, period: Period) -> list[Outcome]:
    """By the first reason of each automatic flagging in the period."""
    return _outcomes(conn, period, first_reason(decisions))


def by_article(conn: Connection, period: Period, *, limit: int) -> list[Outcome]:
    """The articles with the most flagged comments, by title or else by the site's id."""
    name = sa.func.coalesce(articles.c.title, articles.c.external_id)
    return _outcomes(conn, period, name, key=articles.c.id)[:limit]


def by_section(conn: Connection, period: Period) -> list[Outcome]:
    """Every section, the most flagged first; ``""`` is for articles without one."""
    return _outcomes(conn, period, sa.func.coalesce(articles.c.section, ""))


def by_moderator(conn: Connection, period: Period) -> list[Outcome]:
    """Decisions by person: approved, rejected, and how many of those were undone. In the order of names."""
    undone = sa.exists().where(_LATER.c.comment_id == decisions.c.comment_id, _LATER.c.undoes == decisions.c.id)
    query = (
        sa.select(
            moderators.c.name,
            sa.func.sum(sa.case((undone, 1), else_=0)).label("undone"),
            _count_where(decisions.c.status_after == CommentStatus.PUBLISHED).label("approved"),
            _count_where(decisions.c.status_after == CommentStatus.REJECTED).label("rejected"),
        )
        .join(moderators, moderators.c.id == decisions.c.moderator_id)
        .where(decisions.c.undoes.is_(None), decisions.c.featured.is_(None), sa.text(BY_PEOPLE))
        .group_by(moderators.c.id, moderators.c.name)
        .order_by(moderators.c.name)
    )
    rows = conn.execute(_within(query, decisions, period))
    return [Outcome(r.name, int(r.undone), int(r.approved), int(r.rejected)) for r in rows]


def waits(conn: Connection, period: Period) -> list[float]:
    """Seconds from flagging to a person's decision, of the newest ten thousand."""
    flagging, decided = decisions, _LATER
    query = (
        sa.select(flagging.c.created_at, decided.c.created_at.label("decided_at"))
        .join(decided, _follows(flagging, decided))
        .where(flagging.c.status_after == CommentStatus.FLAGGED, decided.c.decided_by.in_(HUMAN))
        .order_by(flagging.c.id.desc())
        .limit(MAX_WAITS)
    )
    return [(r.decided_at - r.created_at).total_seconds() for r in conn.execute(_within(query, flagging, period))]


def _follows(earlier: Any, later: Any) -> sa.ColumnElement[bool]:
    return sa.and_(later.c.comment_id == earlier.c.comment_id, later.c.version == earlier.c.version + 1)


def _outcomes(
    conn: Connection, period: Period, name: sa.ColumnElement[Any], *, key: sa.ColumnElement[Any] | None = None
) -> list[Outcome]:
    """Most flagged first. Only a person's next decision counts as an outcome, and only if it publishes or rejects."""
    later = _LATER
    query = (
        sa.select(
            name.label("name"),
            (sa.null() if key is None else key).label("key"),
            sa.func.count().label("flagged"),
            _count_where(later.c.status_after == CommentStatus.PUBLISHED).label("approved"),
            _count_where(later.c.status_after == CommentStatus.REJECTED).label("rejected"),
        )
        .select_from(decisions)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .join(articles, articles.c.id == comments.c.article_id)
        .outerjoin(later, sa.and_(_follows(decisions, later), later.c.decided_by.in_(HUMAN)))
        .where(decisions.c.status_after == CommentStatus.FLAGGED, decisions.c.decided_by.not_in(HUMAN))
        .group_by(name, *(() if key is None else (key,)))
    )
    rows = conn.execute(_within(query, decisions, period).order_by(sa.text("flagged DESC")))
    return [Outcome(r.name or "", r.flagged, int(r.approved), int(r.rejected), r.key) for r in rows]


def _count_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _within(query: sa.Select[Any], table: sa.Table, period: Period) -> sa.Select[Any]:
    first, end = first_id_at(period.start), first_id_at(period.end)
    return query.where(table.c.site_id.in_(period.site_ids), table.c.id >= first, table.c.id < end)


_MOVE = {
    "decided_by": decisions.c.decided_by,
    "status_before": decisions.c.status_before,
    "status_after": decisions.c.status_after,
    "is_undo": decisions.c.undoes.is_not(None),
    "is_first": _is_first(),
}
_MOVES = (
    sa.select(*(column.label(name) for name, column in _MOVE.items()), sa.func.count().label("n"))
    .where(decisions.c.decided_by != DecidedBy.IMPORT)
    .group_by(*_MOVE.values())
)
