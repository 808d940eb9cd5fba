"""Tallies by day and by month, in UTC: what became of flagged comments by reason, article and section, what people
decided, and how long they took. ``decision_rows`` counts them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.inserting import insert_into
from moderation.insight.trends.tables import tallies

FLAGGED, UNDONE, WAITED = "flagged", "undone", "waited"
WAITS_PER_DOUBLING = 16  # so that a wait is known to within 2.2 %


class TallyKind(StrEnum):
    REASON = "reason"
    ARTICLE = "article"
    SECTION = "section"
    PERSON = "person"
    FIRST_VERDICT = "first verdict"
    WAIT = "wait"


class TallySpan(StrEnum):
    DAY = "day"
    MONTH = "month"


class TallyLine(NamedTuple):
    kind: TallyKind
    name: str  # a reason, an id, a section, or a wait as ``wait_name`` names it; "" of a verdict
    outcome: str


Tallies = Counter[TallyLine]


def add(conn: Connection, site_id: str, counted: Counter[tuple[date, TallyLine]]) -> None:
    """Adds to the days' tallies and to those of their months."""
    by_row: Counter[tuple[Any, ...]] = Counter()
    for (day, line), count in counted.items():
        by_row[(TallySpan.DAY.value, day, *line)] += count
        by_row[(TallySpan.MONTH.value, day.replace(day=1), *line)] += count
    names = ("span", "day", "kind", "name", "outcome")
    rows = [{"site_id": site_id, **dict(zip(names, row, strict=True)), "count": n} for row, n in by_row.items()]
    into = insert_into(conn, tallies)
    more = into.on_conflict_do_update(
        index_elements=list(tallies.primary_key.columns), set_={"count": tallies.c.count + into.excluded.count}
    )
    if rows:
        conn.execute(more, rows)


def sums(conn: Connection, site_ids: Sequence[str], first: date, end: date, kinds: Collection[TallyKind]) -> Tallies:
    """The sums of the days from ``first`` up to but not including ``end``. Of articles, ``of_articles`` gives the
    sums."""
    t = tallies.c
    some = t.kind.in_([kind for kind in kinds if kind is not TallyKind.ARTICLE])
    parts = [
        sa.select(t.kind, t.name, t.outcome, sa.func.sum(t.count).label("count"))
        .where(t.site_id.in_(site_ids), some, *within)
        .group_by(t.kind, t.name, t.outcome)
        for within in _spans(first, end)
    ]
    counted = Tallies()
    for kind, name, outcome, count in conn.execute(union_of(parts)) if parts else ():
        counted[TallyLine(TallyKind(kind), name, outcome)] += int(count)
    return counted


def of_articles(
    conn: Connection, site_ids: Sequence[str], first: date, end: date, *, most: int, also: Collection[str]
) -> Tallies:
    """The same of the ``most`` articles with the most flagged comments, and of others by their ids."""
    t = tallies.c
    here = (t.site_id.in_(site_ids), t.kind == TallyKind.ARTICLE)
    columns = (t.name, t.outcome, t.count)
    parts = [sa.select(*columns).where(*here, *within) for within in _spans(first, end)]
    if not parts:
        return Tallies()
    flagged = union_of([part.where(t.outcome == FLAGGED) for part in parts]).subquery()
    number = sa.func.sum(flagged.c.count)
    top = sa.select(flagged.c.name).group_by(flagged.c.name).order_by(number.desc(), flagged.c.name).limit(most)
    names = {*also, *conn.execute(top).scalars()}
    counted = Tallies()
    for name, outcome, count in conn.execute(union_of([part.where(t.name.in_(names)) for part in parts])):
        counted[TallyLine(TallyKind.ARTICLE, name, outcome)] += count
    return counted


def _spans(first: date, end: date) -> list[tuple[sa.ColumnElement[bool], ...]]:
    t = tallies.c
    return [(t.span == span, t.day >= start, t.day < stop) for span, start, stop in spans(first, end)]


def spans(first: date, end: date) -> list[tuple[TallySpan, date, date]]:
    """The days before the first whole month, the whole months, and the days after them, without empty parts."""
    months, after = _next_month(first) if first.day > 1 else first, end.replace(day=1)
    if months >= after:
        return [(TallySpan.DAY, first, end)] if first < end else []
    parts = [(TallySpan.DAY, first, months), (TallySpan.MONTH, months, after), (TallySpan.DAY, after, end)]
    return [part for part in parts if part[1] < part[2]]


def wait_name(seconds: float) -> str:
    """Waits of about the same length share a name."""
    return str(round(WAITS_PER_DOUBLING * math.log2(max(1.0, seconds))))


def wait_s(name: str) -> float:
    """The seconds that a name is about."""
    return float(2.0 ** (int(name) / WAITS_PER_DOUBLING))


def by_name(counted: Tallies, kind: TallyKind) -> dict[str, Counter[str]]:
    """The tallies of one kind: the outcomes of each name."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for line, count in counted.items():
        if line.kind is kind:
            outcomes[line.name][line.outcome] += count
    return outcomes


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)
