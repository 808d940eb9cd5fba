"""The money, tokens and calls that a site's second readers spend in a day. A call is booked before it is made, and paid
for after it."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.spine.second_readings.tables import second_reader_days
from moderation.spine.second_readings.values import DayBudget, Spent

_DAYS = second_reader_days.c


def book(conn: Connection, site_id: str, day: date, budget: DayBudget) -> bool:
    """Counts one more call. False where the budget of the day is spent."""
    if not (budget.calls and budget.tokens):
        return False
    row = {"site_id": site_id, "day": day, "calls": 1, "tokens": 0, "cost": 0}
    is_left = sa.and_(_DAYS.calls < budget.calls, _DAYS.tokens < budget.tokens, _DAYS.cost <= budget.cost)
    booked = insert_into(conn, second_reader_days).values(**row)
    again = booked.on_conflict_do_update(
        index_elements=[_DAYS.site_id, _DAYS.day], set_={"calls": _DAYS.calls + 1}, where=is_left
    )
    return conn.execute(again.returning(_DAYS.calls)).first() is not None


def pay(conn: Connection, site_id: str, day: date, *, further_calls: int, tokens: int, cost: int) -> None:
    """``further_calls`` are those beyond the one that was booked."""
    today = sa.and_(_DAYS.site_id == site_id, _DAYS.day == day)
    changed = {"calls": _DAYS.calls + further_calls, "tokens": _DAYS.tokens + tokens, "cost": _DAYS.cost + cost}
    conn.execute(second_reader_days.update().where(today).values(**changed))


def spent(conn: Connection, site_id: str, day: date) -> Spent:
    row = conn.execute(
        sa.select(_DAYS.calls, _DAYS.tokens, _DAYS.cost).where(_DAYS.site_id == site_id, _DAYS.day == day)
    ).one_or_none()
    return Spent() if row is None else Spent(row.calls, row.tokens, row.cost)


def lately(conn: Connection, site_id: str, *, days: int) -> list[tuple[date, Spent]]:
    """The newest days on which anything was spent, newest first."""
    mine = sa.select(second_reader_days).where(_DAYS.site_id == site_id).order_by(_DAYS.day.desc()).limit(days)
    return [(row.day, Spent(row.calls, row.tokens, row.cost)) for row in conn.execute(mine)]
