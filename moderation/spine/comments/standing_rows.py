"""Decisions that stand, as conditions for queries. A decision stands unless it was undone; an undo can be undone in
turn. Only the newest decision on a comment can be undone, so the undos of a decision follow it without a gap, and it
stands while their number is even.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from moderation.ground.values.statuses import DecidedBy
from moderation.spine.comments.tables import decisions


def stands(of: Any) -> sa.ColumnElement[bool]:
    """Whether the decision stands. ``of`` is the table of decisions or an alias of it, at a row that is no undo."""
    undo, other = decisions.alias(), decisions.alias()
    is_of_another = (
        sa.exists()
        .where(
            other.c.comment_id == of.c.comment_id,
            other.c.version > of.c.version,
            other.c.version < undo.c.version,
            other.c.undoes.is_(None),
        )
        .correlate(of, undo)
    )
    undos = sa.select(sa.func.count()).where(
        undo.c.comment_id == of.c.comment_id,
        undo.c.version > of.c.version,
        undo.c.undoes.is_not(None),
        ~is_of_another,
    )
    return undos.correlate(of).scalar_subquery() % 2 == 0


def in_force(of: Any) -> sa.ColumnElement[bool]:
    """Whether the decision is the newest on its comment that stands. Featuring a comment decides nothing."""
    newer = decisions.alias()
    is_followed = sa.exists().where(
        newer.c.comment_id == of.c.comment_id, newer.c.version > of.c.version, *_is_anew(newer), stands(newer)
    )
    return sa.and_(*_is_anew(of), stands(of), ~is_followed)


def last_decided_by(of: sa.FromClause, comment_id: sa.ColumnElement[str]) -> sa.ScalarSelect[DecidedBy]:
    """A column of a query from ``of``, in which ``comment_id`` is a column: the maker of that comment's newest standing
    decision."""
    last = decisions.alias()
    return (
        sa.select(last.c.decided_by)
        .where(last.c.comment_id == comment_id, *_is_anew(last), stands(last))
        .order_by(last.c.version.desc())
        .limit(1)
        .correlate(of)
        .scalar_subquery()
    )


def _is_anew(of: Any) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return of.c.undoes.is_(None), of.c.featured.is_(None)
