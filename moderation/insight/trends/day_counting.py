"""Counts each day that is over once, so that Trends of a year need not read a year's decisions.

Counts stay when comments are deleted later: they name nobody but the people who decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.insight.trends import day_rows as counted_days
from moderation.insight.trends import decision_rows as tallied_decisions
from moderation.insight.trends import reversal_rows
from moderation.insight.trends import rows as trends
from moderation.insight.trends import tally_rows as tallies
from moderation.insight.trends.day_rows import ARRIVED, DAY, HOURS, QUARTERS, UNDONE_MOVE, in_slots
from moderation.sites import rows as site_rows

SETTLES_FOR = timedelta(hours=1)  # after which no transaction of the day before is still open


def count_due(db: Database, *, now: datetime) -> Iterator[tuple[str, date]]:
    """Each site and day that it counted, oldest first, until each day is counted that ended an hour ago."""
    with db.read() as conn:
        site_ids = site_rows.site_ids(conn)
    for site_id in site_ids:
        for day in _due(db, site_id, now):
            count_day(db, site_id, day)
            yield site_id, day


def count_day(db: Database, site_id: str, day: date) -> None:
    """Does nothing if it was counted before. Earlier days must have been: later decisions add to them or undo some."""
    first, end = counted_days.ids_of(day)
    with db.read() as conn:
        by_day: dict[date, list[tuple[str, datetime, int]]] = defaultdict(list)
        by_day[day] = [(move.key, moment, 1) for move, moment in trends.moves_with_moments(conn, site_id, first, end)]
        by_day[day] += [(ARRIVED, at, n) for at, n in trends.arrivals_with_moments(conn, site_id, first, end)]
        for move, moment in reversal_rows.undone_with_moments(conn, (site_id,), first, end):
            by_day[moment.date()].append((UNDONE_MOVE + move.key, moment, move.count))
        added = tallied_decisions.added_by(conn, (site_id,), first, end)
    slots = {of: (in_slots(c, of, HOURS), in_slots(c, of, QUARTERS)) for of, c in by_day.items()}
    with db.write() as conn:
        if not counted_days.keep(conn, site_id, day, *slots.pop(day)):
            return
        for earlier, (hours, quarters) in slots.items():
            counted_days.add(conn, site_id, earlier, hours, quarters)
        tallies.add(conn, site_id, added)


def _due(db: Database, site_id: str, now: datetime) -> Iterator[date]:
    today = (now - SETTLES_FOR).date()
    with db.read() as conn:
        until = counted_days.counted_until(conn, (site_id,)).get(site_id)
        first = until.date() if until else counted_days.first_comment_day(conn, site_id) or today - DAY
    for number in range((today - first).days):
        yield first + timedelta(days=number)
