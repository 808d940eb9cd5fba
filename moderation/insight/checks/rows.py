"""Checks: comments drawn at random, how likely each draw was, and how people judged them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks.tables import CHECK_WAITS, SECOND_WAITS, checks
from moderation.moderators.queue.tables import claims, skips

_TABLE = checks.c
_IS_BLIND = _TABLE.verdict != CommentStatus.FLAGGED
_WAITS, _SECOND = sa.text(CHECK_WAITS), sa.text(SECOND_WAITS)

# Made once: every batch of a worker runs them
_OF_COMMENTS = _TABLE.comment_id.in_(sa.bindparam("comment_ids", expanding=True))
_SINCE = sa.and_(_TABLE.site_id == sa.bindparam("site_id"), _TABLE.drawn_at >= sa.bindparam("moment"))
_OF = sa.select(checks).where(_OF_COMMENTS)
_DRAWN_SINCE = sa.select(_TABLE.verdict, _TABLE.section, _TABLE.probability, _TABLE.outcome).where(_SINCE)
_COUNT_UNSEEN_SINCE = sa.select(sa.func.count()).where(_SINCE, _IS_BLIND)
_END_SECOND = checks.update().where(_OF_COMMENTS, _SECOND).values(second_due=False)


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


@dataclass(frozen=True, slots=True)
class Drawn:
    """The few facts of a draw that later draws depend on."""

    verdict: CommentStatus
    section: str | None
    probability: float
    outcome: CommentStatus | None


def insert(conn: Connection, drawn: Sequence[Check]) -> None:
    """Raises IntegrityError for a comment that was drawn before."""
    if drawn:
        conn.execute(checks.insert(), [_values(check) for check in drawn])


def of(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Check]:
    """By comment, those that were drawn."""
    rows = conn.execute(_OF, {"comment_ids": list(comment_ids)}) if comment_ids else ()
    return {row.comment_id: _check(row) for row in rows}


def drawn_among(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """Those that were drawn, decided or not."""
    return set(conn.execute(_DRAWN_AMONG, {"ids": list(comment_ids)}).scalars()) if comment_ids else set()


def since(conn: Connection, site_id: str, moment: datetime) -> list[Check]:
    """All that were drawn since then, oldest first, decided or not."""
    query = sa.select(checks).where(_TABLE.site_id == site_id, _TABLE.drawn_at >= moment)
    return [_check(row) for row in conn.execute(query.order_by(_TABLE.drawn_at))]


def drawn_since(conn: Connection, site_id: str, moment: datetime) -> tuple[Drawn, ...]:
    """As ``since``, in no order and without what a draw needs not know."""
    rows = conn.execute(_DRAWN_SINCE, {"site_id": site_id, "moment": moment})
    status = {verdict.value: verdict for verdict in CommentStatus}
    return tuple(Drawn(status[r.verdict], r.section, r.probability, status.get(r.outcome)) for r in rows)


def count_unseen_since(conn: Connection, site_id: str, moment: datetime) -> int:
    """Without the flagged ones, which people read anyway."""
    return int(conn.execute(_COUNT_UNSEEN_SINCE, {"site_id": site_id, "moment": moment}).scalar_one())


def waiting(conn: Connection, site_id: str) -> list[Check]:
    """Those that no person has decided, oldest first."""
    query = sa.select(checks).where(_TABLE.site_id == site_id, _WAITS)
    return [_check(row) for row in conn.execute(query.order_by(_TABLE.drawn_at))]


def blind_among(conn: Connection, comment_ids: Sequence[str], *, reader_id: str) -> set[str]:
    """Those that wait for a judgement by somebody who must not see the policy's verdict, or not the first person's, and
    that the reader may judge. Flagged ones wait for their first judgement in the queue instead."""
    if not comment_ids:
        return set()
    named = {"ids": list(comment_ids), "reader_id": reader_id}
    return set(conn.execute(_BLIND_AMONG, named).scalars())


def blind_to(reader_id: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The condition of ``blind_among`` on a row of the table."""
    return sa.or_(sa.and_(_TABLE.decided_at.is_(None), _IS_BLIND), sa.and_(_SECOND, _by_another(reader_id)))


def unjudged(reader_id: str) -> Callable[[sa.ColumnElement[str]], sa.ColumnElement[bool]]:
    """By a column of comments' ids, the condition that a comment waits for its first judgement, by anybody, or for a
    second one that the reader may make."""
    return lambda comment_id: _is_drawn(comment_id, sa.or_(sa.text(f"checks.{CHECK_WAITS}"), blind_to(reader_id)))


def unjudged_by(reader_id: str) -> Callable[[sa.ColumnElement[str]], sa.ColumnElement[bool]]:
    """As ``unjudged``, of comments that the reader may judge blind."""
    return lambda comment_id: _is_drawn(comment_id, blind_to(reader_id))


def _is_drawn(comment_id: sa.ColumnElement[str], so: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(_TABLE.comment_id == comment_id, so)


def count_blind(conn: Connection, site_ids: Sequence[str], *, reader_id: str, at_most: int) -> int:
    """How many the reader may judge so, counted up to ``at_most``."""
    named = {"site_ids": list(site_ids), "reader_id": reader_id, "at_most": at_most}
    return min(sum(conn.execute(_COUNT_BLIND, named).one()), at_most)


def next_for(conn: Connection, site_ids: Sequence[str], moderator_id: str, *, now: datetime) -> str | None:
    """The comment whose check has waited longest, first for its first judgement and then for a second one: that nobody
    else is reading, and that this moderator has neither put off nor judged."""
    me = moderator_id
    taken = sa.exists().where(
        claims.c.comment_id == _TABLE.comment_id, claims.c.moderator_id != me, claims.c.expires_at > now
    )
    put_off = sa.exists().where(skips.c.comment_id == _TABLE.comment_id, skips.c.moderator_id == me)
    free = sa.select(_TABLE.comment_id).where(_TABLE.site_id.in_(site_ids), ~taken, ~put_off).limit(1)
    first = free.where(_WAITS, _IS_BLIND).order_by(_TABLE.drawn_at)
    second = free.where(_SECOND, _by_another(me)).order_by(_TABLE.decided_at)
    comment_id: str | None = conn.execute(first).scalar() or conn.execute(second).scalar()
    return comment_id


def _by_another(moderator_id: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    return sa.or_(_TABLE.decided_by.is_(None), _TABLE.decided_by != moderator_id)


def settle(
    conn: Connection, comment_id: str, outcome: CommentStatus, *, reason: str | None, by: str | None, now: datetime
) -> bool:
    """Notes how a person decided. False if the comment was not drawn, or was decided before."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _WAITS)
    values = {"decided_at": now, "outcome": outcome, "reason": reason, "decided_by": by}
    return conn.execute(checks.update().where(mine).values(**values)).rowcount == 1


def count_once(conn: Connection, comment_id: str) -> None:
    """The comment speaks for itself alone from now on: it would have been judged without being drawn."""
    conn.execute(checks.update().where(_TABLE.comment_id == comment_id).values(probability=1.0))


def reopen(conn: Connection, comment_id: str, *, decided_at: datetime) -> bool:
    """The decision of that time was taken back. Whether a second person is due is drawn anew. False if the check rests
    on another decision."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _TABLE.decided_at == decided_at)
    gone = dict.fromkeys(
        ("decided_at", "outcome", "reason", "decided_by", "second_at", "second_outcome", "second_reason", "second_by")
    )
    return conn.execute(checks.update().where(mine).values(**gone, second_due=False)).rowcount == 1


def end_second(conn: Connection, comment_ids: Sequence[str]) -> int:
    """Nobody else is to judge these any more: what the first person judged no longer holds."""
    return conn.execute(_END_SECOND, {"comment_ids": list(comment_ids)}).rowcount if comment_ids else 0


def drop_waiting(conn: Connection, comment_ids: Sequence[str]) -> int:
    """Takes back the draw of comments that nobody can judge any more: their text was replaced or withdrawn."""
    mine = sa.and_(_TABLE.comment_id.in_(comment_ids), _WAITS)
    return conn.execute(checks.delete().where(mine)).rowcount if comment_ids else 0


def ask_second(conn: Connection, comment_id: str) -> None:
    """A second person is to judge it, too."""
    conn.execute(checks.update().where(_TABLE.comment_id == comment_id).values(second_due=True))


def settle_second(
    conn: Connection, comment_id: str, outcome: CommentStatus, *, reason: str | None, by: str, now: datetime
) -> bool:
    """Notes how the second person would decide. False if none is due."""
    mine = sa.and_(_TABLE.comment_id == comment_id, _SECOND)
    values = {"second_at": now, "second_outcome": outcome, "second_reason": reason, "second_by": by}
    return conn.execute(checks.update().where(mine).values(**values)).rowcount == 1


_AMONG = _TABLE.comment_id.in_(sa.bindparam("ids", expanding=True))
_READER: sa.BindParameter[str] = sa.bindparam("reader_id", type_=_TABLE.decided_by.type)


def _count_to_most(*where: sa.ColumnElement[bool] | sa.TextClause) -> sa.ScalarSelect[int]:
    of_sites = _TABLE.site_id.in_(sa.bindparam("site_ids", expanding=True))
    few = sa.select(_TABLE.comment_id).where(of_sites, *where).limit(sa.bindparam("at_most", type_=sa.Integer))
    return sa.select(sa.func.count()).select_from(few.subquery()).scalar_subquery()


# Made once: every decision and every page of the queue run them
_DRAWN_AMONG = sa.select(_TABLE.comment_id).where(_AMONG)
_BLIND_AMONG = sa.select(_TABLE.comment_id).where(_AMONG, blind_to(_READER))
_COUNT_BLIND = sa.select(
    _count_to_most(_WAITS, _IS_BLIND).label("first"), _count_to_most(_SECOND, _by_another(_READER)).label("second")
)

_COLUMNS = [column.name for column in checks.columns]


def _values(check: Check) -> dict[str, Any]:
    values = {name: getattr(check, name) for name in _COLUMNS}
    return {**values, "models": dict(check.models), "groups": list(check.groups)}


def _check(row: Row[Any]) -> Check:
    values = {name: row._mapping[name] for name in _COLUMNS}
    outcomes = {n: values[n] and CommentStatus(values[n]) for n in ("verdict", "outcome", "second_outcome")}
    return Check(**{**values, **outcomes, "groups": tuple(row.groups)})
