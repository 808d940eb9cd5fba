"""Checks: comments drawn at random, how likely each draw was, and how people judged them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.model import CommentStatus
from moderation.schema import CHECK_WAITS, SECOND_WAITS, checks

_TABLE = checks.c
_WAITS, _SECOND = sa.text(CHECK_WAITS), sa.text(SECOND_WAITS)


@dataclass(frozen=True, slots=True)
class Check:
    """A comment that was drawn. Without ``decided_at`` it waits for a person."""

    comment_id: str
    site_id: str
    drawn_at: datetime
    probability: float  # with which it was drawn, above 0 and at most 1
    verdict: CommentStatus  # the policy's
    section: str | None = None
    language: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    policy_version: int | None = None
    groups: tuple[str, ...] = ()  # that the text mentions
    is_new_author: bool = False
    decided_at: datetime | None = None
    outcome: CommentStatus | None = None
    reason: str | None = None
    decided_by: str | None = None  # None also if the site itself decided
    second_due: bool = False
    second_at: datetime | None = None
    second_outcome: CommentStatus | None = None
    second_reason: str | None = None
    second_by: str | None = None

    @property
    def weight(self) -> float:
        """How many comments it speaks for: the inverse of the probability, after Horvitz and Thompson (1952)."""
        return 1 / self.probability


def insert(conn: Connection, drawn: Sequence[Check]) -> None:
    """Raises IntegrityError for a comment that was drawn before."""
    if drawn:
        conn.execute(checks.insert(), [_values(check) for check in drawn])


def of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Check]:
    """By comment, those that were drawn."""
    rows = conn.execute(sa.select(checks).where(_TABLE.comment_id.in_(comment_ids))) if comment_ids else ()
    return {row.comment_id: _check(row) for row in rows}


def since(conn: Connection, site_id: str, moment: datetime) -> list[Check]:
    """All that were drawn since then, oldest first, decided or not."""
    query = sa.select(checks).where(_TABLE.site_id == site_id, _TABLE.drawn_at >= moment)
    return [_check(row) for row in conn.execute(query.order_by(_TABLE.drawn_at))]


def count_since(conn: Connection, site_id: str, moment: datetime) -> int:
    query = sa.select(sa.func.count()).where(_TABLE.site_id == site_id, _TABLE.drawn_at >= moment)
    return conn.execute(query).scalar_one()


def waiting(conn: Connection, site_id: str) -> list[Check]:
    """Those that no person has decided, oldest first."""
    query = sa.select(checks).where(_TABLE.site_id == site_id, _WAITS)
    return [_check(row) for row in conn.execute(query.order_by(_TABLE.drawn_at))]


def settle(
    conn: Connection, comment_id: str, outcome: CommentStatus, *, reason: str | None, by: str | None, now: datetime
) -> bool:
    """Notes how a person decided. False if the comment was not drawn, or was decided before."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _WAITS)
    values = {"decided_at": now, "outcome": outcome, "reason": reason, "decided_by": by}
    return conn.execute(checks.update().where(mine).values(**values)).rowcount == 1


def reopen(conn: Connection, comment_id: str) -> bool:
    """The decision was taken back. Whether a second person is due is drawn anew. False if it was not decided."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _TABLE.decided_at.is_not(None))
    gone = dict.fromkeys(
        ("decided_at", "outcome", "reason", "decided_by", "second_at", "second_outcome", "second_reason", "second_by")
    )
    return conn.execute(checks.update().where(mine).values(**gone, second_due=False)).rowcount == 1


def drop_waiting(conn: Connection, comment_ids: Sequence[str]) -> int:
    """Takes back the draw of comments that nobody can judge any more: their text was replaced or withdrawn."""
    mine = sa.and_(_TABLE.comment_id.in_(comment_ids), _WAITS)
    return conn.execute(checks.delete().where(mine)).rowcount


def ask_second(conn: Connection, comment_id: str) -> None:
    """A second person is to judge it, too."""
    conn.execute(checks.update().where(_TABLE.comment_id == comment_id).values(second_due=True))


def waiting_for_second(conn: Connection, site_id: str, moderator_id: str) -> list[Check]:
    """Those that a second person is to judge and that this moderator has not decided, oldest first."""
    others = sa.or_(_TABLE.decided_by.is_(None), _TABLE.decided_by != moderator_id)
    query = sa.select(checks).where(_TABLE.site_id == site_id, _SECOND, others)
    return [_check(row) for row in conn.execute(query.order_by(_TABLE.decided_at))]


def settle_second(
    conn: Connection, comment_id: str, outcome: CommentStatus, *, reason: str | None, by: str, now: datetime
) -> bool:
    """Notes how the second person would decide. False if none is due."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _SECOND)
    values = {"second_at": now, "second_outcome": outcome, "second_reason": reason, "second_by": by}
    return conn.execute(checks.update().where(mine).values(**values)).rowcount == 1


_COLUMNS = [column.name for column in checks.columns]


def _values(check: Check) -> dict[str, Any]:
    values = {name: getattr(check, name) for name in _COLUMNS}
    return {**values, "models": dict(check.models), "groups": list(check.groups)}


def _check(row: Row[Any]) -> Check:
    values = {name: row._mapping[name] for name in _COLUMNS}
    outcomes = {n: values[n] and CommentStatus(values[n]) for n in ("verdict", "outcome", "second_outcome")}
    return Check(**{**values, **outcomes, "groups": tuple(row.groups)})
