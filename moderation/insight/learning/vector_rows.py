"""Keeps the vectors of comments, and notes which of these comments a person decided and by which decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.prepared import Prepared
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Vector
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.learning.tables import IS_DECIDED, IS_UNDECIDED, vectors
from moderation.spine.comments import decision_rows as store
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import comments, decisions

PAGE = 5_000
BY_PEOPLE = (DecidedBy.MODERATOR, DecidedBy.API, DecidedBy.IMPORT)


@dataclass(frozen=True, slots=True)
class KeptVector:
    """The vector of a comment, or None where no encoder reads its language."""

    comment_id: str
    site_id: str
    vector: Vector | None
    is_new: bool = False  # of the comment: it has no earlier one, and no person has decided on it


@dataclass(frozen=True, slots=True)
class DecidedVector:
    """The vector of a comment that a person decided."""

    decision_id: str
    comment_id: str
    space: str
    numbers: bytes


@dataclass(frozen=True, slots=True)
class DecidedText:
    """A comment that a person decided, before its decision is read."""

    id: str
    text: str
    status: CommentStatus
    decision_id: str


@dataclass(frozen=True, slots=True)
class DecidedComment:
    """A comment and the person's decision that holds for it."""

    id: str
    text: str
    decision: Decision


def keep(conn: Connection, kept: Sequence[KeptVector]) -> None:
    """These take the place of the comments' earlier vectors."""
    again = [comment.comment_id for comment in kept if not comment.is_new]
    if again:
        conn.execute(_DELETE, {"comment_ids": again})
    rows = [
        {"comment_id": comment.comment_id, "site_id": comment.site_id, "space": vector.space, "numbers": vector.numbers}
        for comment in kept
        if (vector := comment.vector) is not None
    ]
    if rows:
        _INSERT.write(conn, rows)
        note_decisions(conn, again)


_INSERT = Prepared(vectors.insert(), given=("comment_id", "site_id", "space", "numbers"))
_DELETE = vectors.delete().where(vectors.c.comment_id.in_(sa.bindparam("comment_ids", expanding=True)))


def note_decisions(conn: Connection, comment_ids: Sequence[str]) -> None:
    """After each change of these comments: which person's decision still holds, if any does.

    None does after an edit or a change by a policy. After an undo, the person's decision before it holds again.
    """
    if comment_ids:
        conn.execute(vectors.update().where(vectors.c.comment_id.in_(comment_ids)).values(decision_id=_HOLDING))


def of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Vector]:
    """The vectors, by comment. Those without a vector are left out."""
    query = sa.select(vectors.c.comment_id, vectors.c.space, vectors.c.numbers)
    rows = conn.execute(query.where(vectors.c.comment_id.in_(comment_ids)))
    return {row.comment_id: Vector(row.space, row.numbers) for row in rows}


def oldest_kept(conn: Connection, site_id: str, *, decided: bool, most: int) -> str | None:
    """The place of the last of the newest ``most`` vectors; None if there are none.

    It reads as many entries of an index: seldom enough to be worth more than a counter.
    """
    order, own = _in_order(site_id, decided)
    newest = sa.select(order.label("place")).where(*own).order_by(order.desc()).limit(most).subquery()
    place: str | None = conn.execute(sa.select(newest.c.place).order_by(newest.c.place).limit(1)).scalar()
    return place


def older(
    conn: Connection, site_id: str, last: str, *, decided: bool, after: str | None, limit: int
) -> list[tuple[str, str]]:
    """Places and comments of the vectors before the place ``last``, oldest first; ``after`` is the last place of the
    page before."""
    order, own = _in_order(site_id, decided)
    query = sa.select(order, vectors.c.comment_id).where(*own, order < last).order_by(order).limit(limit)
    return [(row[0], row[1]) for row in conn.execute(query if after is None else query.where(order > after))]


def decided_from(conn: Connection, site_id: str, since: str | None) -> Iterator[list[DecidedVector]]:
    """In pages, in the order of the decisions, from the decision ``since`` on."""
    order, own = _in_order(site_id, decided=True)
    columns = (order, vectors.c.comment_id, vectors.c.space, vectors.c.numbers)
    query = sa.select(*columns).where(*own).order_by(order).limit(PAGE)
    first = query if since is None else query.where(order >= since)
    while page := [DecidedVector(*row) for row in conn.execute(first)]:
        yield page
        if len(page) < PAGE:
            return
        first = query.where(order > page[-1].decision_id)


def decided_among(conn: Connection, site_id: str, space: str, comment_ids: Sequence[str]) -> dict[str, bytes]:
    """The numbers of those comments that people of the site decided, whose vectors are in the space."""
    rows = conn.execute(_AMONG, {"comment_ids": comment_ids}) if comment_ids else ()
    wanted = (site_id, space)
    return {r.comment_id: r.numbers for r in rows if r.decision_id is not None and (r.site_id, r.space) == wanted}


def decided_texts(conn: Connection, comment_ids: Sequence[str]) -> list[DecidedText]:
    """The texts of those of the comments that a person's decision still holds for."""
    rows = conn.execute(_TEXTS, {"comment_ids": comment_ids}) if comment_ids else ()
    return [DecidedText(*row) for row in rows if row.decision_id is not None]


def with_decisions(conn: Connection, texts: Sequence[DecidedText]) -> list[DecidedComment]:
    """Leaves out those whose decision is gone: PostgreSQL lets others delete between two reads."""
    by_id = {decision.id: decision for decision in store.decisions_by_id(conn, [text.decision_id for text in texts])}
    return [DecidedComment(text.id, text.text, by_id[text.decision_id]) for text in texts if text.decision_id in by_id]


def forget(conn: Connection, comment_ids: Sequence[str]) -> None:
    conn.execute(vectors.delete().where(vectors.c.comment_id.in_(comment_ids)))


def _in_order(site_id: str, decided: bool) -> tuple[sa.Column[Any], tuple[sa.ColumnElement[bool], sa.TextClause]]:
    """Comments that people decided are in the order of these decisions, and others in the order of their arrival."""
    order = vectors.c.decision_id if decided else vectors.c.comment_id
    return order, (vectors.c.site_id == site_id, sa.text(IS_DECIDED if decided else IS_UNDECIDED))


def _holding() -> sa.ScalarSelect[Any]:
    d = decisions.c
    return (
        sa.select(d.id)
        .join(comments, comments.c.id == d.comment_id)
        .where(
            d.comment_id == vectors.c.comment_id,
            d.decided_by.in_(BY_PEOPLE),
            d.status_after.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED)),
            comments.c.status == d.status_after,
            in_force(decisions),
        )
        .correlate(vectors)
        .scalar_subquery()
    )


_HOLDING = _holding()
# By their keys alone: with the site in the condition, SQLite reads all that people of the site decided
_GIVEN: sa.BindParameter[Any] = sa.bindparam("comment_ids", expanding=True)
_AMONG = sa.select(vectors).where(vectors.c.comment_id.in_(_GIVEN))
_TEXTS = (
    sa.select(comments.c.id, comments.c.text, comments.c.status, vectors.c.decision_id)
    .join(vectors, vectors.c.comment_id == comments.c.id)
    .where(comments.c.id.in_(_GIVEN))
)
