"""Arrivals and moves of past days in UTC, counted once. A day of any zone is a sum of quarters of an hour. In most
zones it is also one of whole hours, and four times fewer numbers are read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.database.inserting import insert_into
from moderation.insight.trends.tables import counted_days
from moderation.spine.comments.tables import EVER, comments

HOURS, QUARTERS = 24, 96  # slots of a day
DAY = timedelta(days=1)
ARRIVED = "arrived"
UNDONE_MOVE = "undone:"  # before the key of a move that does not stand, counted when the move happened

Slots = Mapping[str, Sequence[int]]  # by what was counted: a number for each slot of the day
Stretch = tuple[str, datetime, datetime]  # a name, and from when up to but not including when


def in_slots(counted: Iterable[tuple[str, datetime, int]], day: date, slots: int) -> Slots:
    """The counts at moments of that day, each with its number."""
    start, counts = midnight(day), defaultdict[str, list[int]](lambda: [0] * slots)
    for name, moment, number in counted:
        counts[name][(moment - start) * slots // DAY] += number
    return counts


def keep(conn: Connection, site_id: str, day: date, hours: Slots, quarters: Slots) -> bool:
    """False, and nothing is kept, if the day was counted already."""
    values = {"site_id": site_id, "day": day, "hours": dict(hours), "quarters": dict(quarters)}
    once = insert_into(conn, counted_days).values(**values).on_conflict_do_nothing().returning(counted_days.c.day)
    return conn.execute(once).first() is not None


def add(conn: Connection, site_id: str, day: date, hours: Slots, quarters: Slots) -> None:
    """Adds counts to a day that was counted before."""
    here = (counted_days.c.site_id == site_id, counted_days.c.day == day)
    row = conn.execute(sa.select(counted_days.c.hours, counted_days.c.quarters).where(*here)).first()
    if row is not None:
        both = {"hours": _sum(row.hours, hours), "quarters": _sum(row.quarters, quarters)}
        conn.execute(counted_days.update().where(*here).values(**both))


def _sum(some: Slots, more: Slots) -> dict[str, list[int]]:
    both = {name: list(numbers) for name, numbers in some.items()}
    for name, numbers in more.items():
        both[name] = [a + b for a, b in zip(both.get(name, [0] * len(numbers)), numbers, strict=True)]
    return both


def counted_until(conn: Connection, site_ids: Sequence[str]) -> dict[str, datetime]:
    """For each site the end of its last counted day. Sites without one are left out."""
    last = sa.select(counted_days.c.site_id, sa.func.max(counted_days.c.day).label("day"))
    rows = conn.execute(last.where(counted_days.c.site_id.in_(site_ids)).group_by(counted_days.c.site_id))
    return {row.site_id: midnight(row.day) + DAY for row in rows}


def first_comment_day(conn: Connection, site_id: str) -> date | None:
    """The day on which the site's oldest comment came, in UTC. None without any."""
    oldest = sa.select(comments.c.id).where(comments.c.site_id == site_id, sa.text(EVER))
    oldest_id = conn.execute(oldest.order_by(comments.c.id).limit(1)).scalar_one_or_none()
    return None if oldest_id is None else moment_of(oldest_id).date()


def sums(conn: Connection, site_ids: Sequence[str], stretches: Sequence[Stretch]) -> dict[str, Counter[str]]:
    """For each stretch, by its name, how often each thing happened. Stretches begin and end on a quarter of an hour,
    and several may have one name; days that were not counted add nothing."""
    if not stretches:
        return {}
    bounds = {moment for _, start, end in stretches for moment in (start, end)}
    slots = QUARTERS if any(bound.minute for bound in bounds) else HOURS
    by_day = _read(conn, site_ids, min(bounds), max(bounds), slots)
    totals: dict[str, Counter[str]] = {}
    for name, start, end in stretches:
        total = totals.setdefault(name, Counter())
        for day, first, last in _parts(start, end, slots):
            for counted in by_day.get(day, ()):
                for what, numbers in counted.items():
                    total[what] += sum(numbers[first:last])
    return totals


def _read(
    conn: Connection, site_ids: Sequence[str], start: datetime, end: datetime, slots: int
) -> dict[date, list[Slots]]:
    column: sa.Column[Any] = counted_days.c.hours if slots == HOURS else counted_days.c.quarters
    days = counted_days.c.day.between(start.astimezone(UTC).date(), end.astimezone(UTC).date())
    by_day: dict[date, list[Slots]] = defaultdict(list)
    for day, counted in conn.execute(sa.select(counted_days.c.day, column).where(_here(site_ids), days)):
        by_day[day].append(counted)
    return by_day


def _here(site_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    return counted_days.c.site_id.in_(site_ids)


def _parts(start: datetime, end: datetime, slots: int) -> Iterable[tuple[date, int, int]]:
    """The days in UTC that a stretch touches, and the slots of each: the first, and the one after the last."""
    while start < end:
        day = start.astimezone(UTC).date()
        until = min(end, midnight(day) + DAY)
        yield day, (start - midnight(day)) * slots // DAY, (until - midnight(day)) * slots // DAY
        start = until


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def ids_of(day: date) -> tuple[str, str]:
    """The first id that can be made on the day, and the first of the next."""
    return first_id_at(midnight(day)), first_id_at(midnight(day) + DAY)
