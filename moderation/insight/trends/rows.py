"""Sums over a period, from the decisions themselves. Ids grow with time, so a period is a range of ids, and their index
serves; it costs as much as the period has decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.values.statuses import PEOPLE, DecidedBy
from moderation.spine.comments.tables import EVER, comments, decisions

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

    @property
    def key(self) -> str:
        """All but the day and the number."""
        flags = (str(int(flag)) for flag in (self.is_undo, self.is_first))
        return "|".join((self.decided_by, self.status_before, self.status_after, *flags))

    @classmethod
    def of_key(cls, day: str, key: str, count: int) -> Moves:
        decided_by, before, after, is_undo, is_first = key.split("|")
        return cls(day, decided_by, before, after, is_undo == "1", is_first == "1", count)


@dataclass(frozen=True, slots=True)
class HeadingOutcomes:
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


def moves_of_day(conn: Connection, name: str, period: Period) -> list[Moves]:
    """How often comments went from one status to another in the whole period, as of the day of that name. History that
    was imported was decided elsewhere, and does not count."""
    counted = _MOVES.add_columns(sa.func.count().label("n")).group_by(*_MOVE.values())
    return [_moves(name, row, row.n) for row in conn.execute(within(counted, decisions, period))]


def moves_with_moments(conn: Connection, site_id: str, first_id: str, end_id: str) -> Iterator[tuple[Moves, datetime]]:
    """Each move of the stretch by itself, and when it happened."""
    here = (decisions.c.site_id == site_id, decisions.c.id >= first_id, decisions.c.id < end_id)
    for row in conn.execute(_MOVES.add_columns(decisions.c.id).where(*here)):
        yield _moves("", row, 1), moment_of(row.id)


def _moves(day: str, row: sa.Row[Any], count: int) -> Moves:
    flags = (bool(row.is_undo), bool(row.is_first))
    return Moves(day, row.decided_by, row.status_before, row.status_after, *flags, count)


def first_decision_since(conn: Connection, site_ids: Sequence[str], since: datetime) -> datetime | None:
    """When the first decision of these sites since then was made, without imported history."""
    moments: list[datetime] = []
    for site_id in site_ids:
        here = sa.and_(decisions.c.site_id == site_id, decisions.c.decided_by != DecidedBy.IMPORT)
        mine = sa.select(decisions.c.created_at).where(here)
        moments += conn.execute(
            mine.where(decisions.c.id >= first_id_at(since)).order_by(decisions.c.id).limit(1)
        ).scalars()
    return min(moments, default=None)


def is_first() -> sa.ColumnElement[bool]:
    """A comment arrives at version 1, and its first decision is about that version."""
    return sa.and_(decisions.c.version == 1, decisions.c.decided_by.not_in((*PEOPLE, DecidedBy.IMPORT)))


def arrived(conn: Connection, period: Period) -> int:
    """Counts what arrived, without imported history. Ids hold the time of arrival, so comments are counted in an
    index."""
    ever, imported = _HOW_MANY.where(sa.text(EVER)), _HOW_MANY.where(decisions.c.decided_by == DecidedBy.IMPORT)
    came = conn.execute(within(ever, comments, period)).scalar_one()
    return int(came - conn.execute(within(imported, decisions, period)).scalar_one())


def arrivals_with_moments(conn: Connection, site_id: str, first_id: str, end_id: str) -> Iterator[tuple[datetime, int]]:
    """When each comment arrived. Imported history takes one away each, so that the numbers add up."""
    for table, which, number in (
        (comments, sa.text(EVER), 1),
        (decisions, decisions.c.decided_by == DecidedBy.IMPORT, -1),
    ):
        here = (table.c.site_id == site_id, table.c.id >= first_id, table.c.id < end_id)
        for id in conn.execute(sa.select(table.c.id).where(which, *here)).scalars():
            yield moment_of(id), number


def within(query: sa.Select[Any], table: sa.FromClause, period: Period) -> sa.Select[Any]:
    """Keeps only rows of the table that are of the period's sites and were made in it."""
    first, end = first_id_at(period.start), first_id_at(period.end)
    return query.where(table.c.site_id.in_(period.site_ids), table.c.id >= first, table.c.id < end)


_MOVE = {
    "decided_by": decisions.c.decided_by,
    "status_before": decisions.c.status_before,
    "status_after": decisions.c.status_after,
    "is_undo": decisions.c.undoes.is_not(None),
    "is_first": is_first(),
}
_MOVES = sa.select(*(column.label(name) for name, column in _MOVE.items())).where(
    decisions.c.decided_by != DecidedBy.IMPORT
)
