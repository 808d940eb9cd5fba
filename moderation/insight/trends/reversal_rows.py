"""Decisions that were undone, or redone after that. A figure counts a decision while it stands: its undo takes one
away, and a redo, which undoes the undo, adds it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.values.statuses import PEOPLE
from moderation.insight.trends.rows import Moves, Period, within
from moderation.spine.comments.tables import decisions

AT_ONCE = 500  # ids in one statement
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def undone_roots(conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None) -> dict[str, int]:
    """By the id of a person's decision: how often undos of the stretch of ids took it away, less how often redos
    brought it back. A second undo of the same decision does not count."""
    given = {"site_ids": list(site_ids), "first_id": first_id, "end_id": end_id or LAST_ID}
    return {row.id: int(row.n) for row in conn.execute(_ROOTS, given) if row.n}


def of_roots(conn: Connection, query: sa.Select[Any], roots: Collection[str]) -> Iterator[sa.Row[Any]]:
    """The rows of a query about decisions that are about these ones."""
    left = iter(roots)
    while some := tuple(islice(left, AT_ONCE)):
        yield from conn.execute(query.where(decisions.c.id.in_(some)))


def undone_of_day(conn: Connection, name: str, period: Period) -> list[Moves]:
    """The moves of the period that do not stand now, as of the day of that name; each count says how many."""
    roots = undone_roots(conn, period.site_ids, first_id_at(period.start))
    rows = of_roots(conn, within(_UNDONE, decisions, period), roots)
    return [_moves(name, row, roots[row.id]) for row in rows]


def undone_with_moments(
    conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None
) -> Iterator[tuple[Moves, datetime]]:
    """The moves that undos of the stretch took away, and when these happened. A count below zero is of a redo."""
    roots = undone_roots(conn, site_ids, first_id, end_id)
    for row in of_roots(conn, _UNDONE, roots):
        yield _moves("", row, roots[row.id]), moment_of(row.id)


def _moves(day: str, row: sa.Row[Any], count: int) -> Moves:
    return Moves(day, row.decided_by, row.status_before, row.status_after, is_undo=False, is_first=False, count=count)


_UNDONE: sa.Select[Any] = sa.select(
    decisions.c.id, decisions.c.decided_by, decisions.c.status_before, decisions.c.status_after
).select_from(decisions)


def _roots() -> sa.Select[Any]:
    """Built once: it takes longer than to run it, and Trends of a year asks many times."""
    d, other, before, root = (decisions.alias(name) for name in ("undo", "other", "before", "root"))
    chain = (
        sa.select(d.c.id, d.c.undoes.label("target"), sa.literal(1).label("sign"))
        .where(
            d.c.undoes.is_not(None),
            d.c.site_id.in_(sa.bindparam("site_ids", expanding=True)),
            d.c.id >= sa.bindparam("first_id"),
            d.c.id < sa.bindparam("end_id"),
            ~sa.exists().where(other.c.undoes == d.c.undoes, other.c.id < d.c.id),
        )
        .cte("chain", recursive=True)
    )
    earlier = sa.select(chain.c.id, before.c.undoes, -chain.c.sign)
    chain = chain.union_all(earlier.join(before, before.c.id == chain.c.target).where(before.c.undoes.is_not(None)))
    roots = sa.select(root.c.id, sa.func.sum(chain.c.sign).label("n")).join(root, root.c.id == chain.c.target)
    return roots.where(root.c.undoes.is_(None), root.c.decided_by.in_(PEOPLE)).group_by(root.c.id)


_ROOTS = _roots()
