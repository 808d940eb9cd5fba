"""Sums over any period: of the days that were counted once, and of the decisions themselves for the rest.

The rest is what happened since the last counted day, and the parts of days at the period's ends. Where no day was
counted yet all is the rest, and the sums are the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, stay_alone
from moderation.insight.trends import day_rows as counted_days
from moderation.insight.trends import decision_rows as tallied_decisions
from moderation.insight.trends import reversal_rows
from moderation.insight.trends import rows as trends
from moderation.insight.trends import tally_rows as tallies
from moderation.insight.trends.day_rows import ARRIVED, DAY, UNDONE_MOVE, Stretch, midnight
from moderation.insight.trends.rows import Moves, Period
from moderation.insight.trends.tally_rows import Tallies, TallyKind

TOP = 10  # articles
QUARTER = timedelta(minutes=15)
NEVER = datetime.min.replace(tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Course(NamedTuple):
    """Moves and arrivals in stretches of time, by their names."""

    moves: list[Moves]
    undone: list[Moves]  # those of the moves that do not stand; a count below zero is of a redo
    arrived: Counter[str]


def course(conn: Connection, period: Period, stretches: Sequence[Stretch]) -> Course:
    """How often comments went from one status to another, and how many arrived, by the stretch's name. Of the period,
    only the sites count. History that was imported was decided elsewhere, and does not count."""
    moves: list[Moves] = []
    undone: list[Moves] = []
    arrived: Counter[str] = Counter()
    for some, until in _alike(conn, period):
        inside, outside = _split(stretches, until)
        for name, counted in counted_days.sums(conn, some.site_ids, inside).items():
            arrived[name] += counted.pop(ARRIVED, 0)
            for key, count in counted.items():
                to = undone if key.startswith(UNDONE_MOVE) else moves
                to += [Moves.of_key(name, key.removeprefix(UNDONE_MOVE), count)] if count else []
        undone += _undone_since(conn, some, until, inside)
        for name, start, end in outside:
            part = replace(some, start=start, end=end)
            moves += trends.moves_of_day(conn, name, part)
            undone += reversal_rows.undone_of_day(conn, name, part)
            arrived[name] += trends.arrived(conn, part)
    return Course(moves, undone, arrived)


def _undone_since(conn: Connection, some: Period, until: datetime, inside: Sequence[Stretch]) -> Iterator[Moves]:
    """The moves of counted days that were undone after the last of them."""
    if not inside:
        return
    for move, moment in reversal_rows.undone_with_moments(conn, some.site_ids, first_id_at(until)):
        yield from (replace(move, day=name) for name, start, end in inside if start <= moment < end)


def tallies_of(conn: Connection, period: Period, kinds: Collection[TallyKind]) -> Tallies:
    """Of the period, by the time of what they are about: a flagging, an arrival, a person's decision. The ``TOP``
    articles with the most flagged comments are among them, and not all others."""
    counted = Tallies()
    for some, until in _alike(conn, period):
        first, last = _whole_days(some.start, min(some.end, until))
        if first >= last:
            counted.update(tallied_decisions.of_period(conn, some, kinds))
            continue
        rest = _since(conn, some.site_ids, until, (first, last), kinds)
        for part in (replace(some, end=midnight(first)), replace(some, start=midnight(last))):
            if part.start < part.end:
                rest.update(tallied_decisions.of_period(conn, part, kinds))
        counted.update(rest)  # which may take away; a sum of counters would forget that
        counted.update(tallies.sums(conn, some.site_ids, first, last, kinds))
        if TallyKind.ARTICLE in kinds:
            named = {line.name for line in rest if line.kind is TallyKind.ARTICLE}
            counted.update(tallies.of_articles(conn, some.site_ids, first, last, most=TOP, also=named))
    return +counted


def first_verdicts(conn: Connection, period: Period) -> dict[str, int]:
    """Of the comments that arrived in the period: how many got each status by their first decision, even if later."""
    stay_alone(conn)
    counted = tallies_of(conn, period, (TallyKind.FIRST_VERDICT,))
    return {line.outcome: count for line, count in counted.items()}


def _alike(conn: Connection, period: Period) -> Iterator[tuple[Period, datetime]]:
    """The sites whose days were counted up to the same moment, and that moment."""
    until = counted_days.counted_until(conn, period.site_ids)
    by_moment: dict[datetime, list[str]] = defaultdict(list)
    for site_id in period.site_ids:
        by_moment[until.get(site_id, NEVER)].append(site_id)
    for moment, site_ids in by_moment.items():
        yield replace(period, site_ids=tuple(site_ids)), moment


def _split(stretches: Iterable[Stretch], until: datetime) -> tuple[list[Stretch], list[Stretch]]:
    """The counted whole quarters of an hour, and the rest."""
    inside: list[Stretch] = []
    outside: list[Stretch] = []
    for name, start, end in stretches:
        stop = min(until, end)
        first, last = start + (EPOCH - start) % QUARTER, stop - (stop - EPOCH) % QUARTER
        if first < last:
            inside.append((name, first, last))
            outside += [(name, a, b) for a, b in ((start, first), (last, end)) if a < b]
        elif start < end:
            outside.append((name, start, end))
    return inside, outside


def _whole_days(start: datetime, end: datetime) -> tuple[date, date]:
    """The first whole day in UTC, and the day after the last."""
    first = start.astimezone(UTC).date()
    return first if midnight(first) == start else first + DAY, end.astimezone(UTC).date()


def _since(
    conn: Connection, site_ids: Sequence[str], until: datetime, days: tuple[date, date], kinds: Collection[TallyKind]
) -> Tallies:
    """All that was decided after the last counted day about these days."""
    counted = Tallies()
    for (day, line), count in tallied_decisions.added_to_earlier(conn, site_ids, first_id_at(until), kinds).items():
        if days[0] <= day < days[1] and line.kind in kinds:
            counted[line] += count
    return counted
