"""Decisions that were undone or overturned, or redone after that. A figure counts a decision while it stands: its undo
takes one away, as a later decision by a person does, and a redo, which undoes the undo, adds it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.insight.trends.rows import Moves, Period, within
from moderation.spine.comments.tables import BY_PEOPLE, decisions

AT_ONCE = 500  # ids in one statement
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def undone_roots(conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None) -> dict[str, int]:
    """By the id of a person's decision: how often undos of the stretch of ids took it away, less how often redos
    brought it back. A second undo of the same decision does not count."""
    return _numbers(conn, _ROOTS, site_ids, first_id, end_id)


def fallen_roots(conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None) -> dict[str, int]:
    """As ``undone_roots``, with the decisions that a later one by a person took away: an appeal upheld, a lead who
    decides otherwise. The undo of the later one brings the earlier one back."""
    return _numbers(conn, _FALLEN, site_ids, first_id, end_id)


def _numbers(
    conn: Connection, query: sa.Select[Any], site_ids: Sequence[str], first_id: str, end_id: str | None
) -> dict[str, int]:
    given = {"site_ids": list(site_ids), "first_id": first_id, "end_id": end_id or LAST_ID}
    return {row.id: int(row.n) for row in conn.execute(query, given) if row.n}


def of_roots(conn: Connection, query: sa.Select[Any], roots: Collection[str]) -> Iterator[sa.Row[Any]]:
    """The rows of a query about decisions that are about these ones."""
    left = iter(roots)
    while some := tuple(islice(left, AT_ONCE)):
        yield from conn.execute(query.where(decisions.c.id.in_(some)))


def undone_of_day(conn: Connection, name: str, period: Period) -> list[Moves]:
    """The moves of the period that do not stand now, as of the day of that name; each count says how many."""
    roots = fallen_roots(conn, period.site_ids, first_id_at(period.start))
    rows = of_roots(conn, within(_UNDONE, decisions, period), roots)
    return [_moves(name, row, roots[row.id]) for row in rows]


def undone_with_moments(
    conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None
) -> Iterator[tuple[Moves, datetime]]:
    """The moves that decisions of the stretch took away, and when these happened. A count below zero is of a redo."""
    roots = fallen_roots(conn, site_ids, first_id, end_id)
    for row in of_roots(conn, _UNDONE, roots):
        yield _moves("", row, roots[row.id]), moment_of(row.id)


def _moves(day: str, row: sa.Row[Any], count: int) -> Moves:
    return Moves(day, row.decided_by, row.status_before, row.status_after, is_undo=False, is_first=False, count=count)


_UNDONE: sa.Select[Any] = sa.select(
    decisions.c.id, decisions.c.decided_by, decisions.c.status_before, decisions.c.status_after
).select_from(decisions)


def _within(decision: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Of the sites, and made in the stretch of ids."""
    return (
        decision.c.site_id.in_(sa.bindparam("site_ids", expanding=True)),
        decision.c.id >= sa.bindparam("first_id"),
        decision.c.id < sa.bindparam("end_id"),
    )


def _chain() -> sa.CTE:
    """For each undo of the stretch: what it undid, what that had undone, and so on, with alternating signs."""
    undo, other, before = (decisions.alias(name) for name in ("undo", "other", "before"))
    chain = (
        sa.select(undo.c.id, undo.c.undoes.label("target"), sa.literal(1).label("sign"))
        .where(
            undo.c.undoes.is_not(None),
            *_within(undo),
            ~sa.exists().where(other.c.undoes == undo.c.undoes, other.c.id < undo.c.id),
        )
        .cte("chain", recursive=True)
    )
    earlier = sa.select(chain.c.id, before.c.undoes, -chain.c.sign)
    return chain.union_all(earlier.join(before, before.c.id == chain.c.target).where(before.c.undoes.is_not(None)))


def _undone(chain: sa.CTE) -> sa.Select[Any]:
    """The people's decisions at the ends of the chains."""
    root = decisions.alias("root")
    ends = sa.select(root.c.id, chain.c.sign.label("n")).select_from(chain).join(root, root.c.id == chain.c.target)
    return ends.where(*_is_anew(root), root.c.decided_by.in_(PEOPLE))


def _overturned(chain: sa.CTE) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Decisions that were overturned in the stretch, and those that came back as what overturned them was undone."""
    later, fallen = decisions.alias("later"), decisions.alias("fallen")
    overturns = _overturns(fallen, later)
    at_once = sa.select(fallen.c.id, sa.literal(1).label("n")).select_from(later).join(fallen, overturns)
    back = sa.select(fallen.c.id, (-chain.c.sign).label("n")).select_from(chain)
    return (
        at_once.where(sa.text(f"later.{BY_PEOPLE}"), *_within(later)),
        back.join(later, later.c.id == chain.c.target).join(fallen, overturns),
    )


def _sums(*parts: sa.Select[Any]) -> sa.Select[Any]:
    every = sa.union_all(*parts).subquery()
    return sa.select(every.c.id, sa.func.sum(every.c.n).label("n")).group_by(every.c.id)


def _overturns(fallen: Any, later: Any) -> sa.ColumnElement[bool]:
    """Whether a person left the comment in a status in which a later person did not leave it. The decision that gave
    it the status is the last that did, since an undo in between leads back to it."""
    between = decisions.alias("between")
    last = (
        sa.select(sa.func.max(between.c.version))
        .where(
            between.c.comment_id == later.c.comment_id,
            between.c.version < later.c.version,
            between.c.status_after == later.c.status_before,
            *_is_anew(between),
        )
        .correlate(later)
        .scalar_subquery()
    )
    return sa.and_(
        later.c.decided_by.in_(PEOPLE),
        *_is_anew(later),
        later.c.status_before.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED)),
        later.c.status_after != later.c.status_before,
        fallen.c.comment_id == later.c.comment_id,
        fallen.c.version == last,
        fallen.c.decided_by.in_(PEOPLE),
    )


def _is_anew(decision: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """No undo, and more than an editor's pick."""
    return decision.c.undoes.is_(None), decision.c.featured.is_(None)


# Built once: it takes longer than to run them, and Trends of a year asks many times
_CHAIN = _chain()
_ROOTS, _FALLEN = _sums(_undone(_CHAIN)), _sums(_undone(_CHAIN), *_overturned(_CHAIN))
