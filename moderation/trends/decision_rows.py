"""Tallies counted from the decisions themselves. ``added_by`` and ``added_to_earlier`` go by the time of the decision,
to bring kept tallies up to date; ``of_period`` goes by the time of what it is about, whatever came later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.articles.tables import articles
from moderation.comments.decision_rows import first_reason
from moderation.comments.tables import BY_PEOPLE, EVER, comments, decisions
from moderation.database.engine import moment_of
from moderation.trends.rows import HUMAN, Period, is_first, within
from moderation.trends.tally_rows import FLAGGED, UNDONE, WAITED, Tallies, TallyKind, TallyLine, wait_name
from moderation.values.statuses import CommentStatus

OUTCOMES = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)
FLAGGINGS = {TallyKind.REASON, TallyKind.ARTICLE, TallyKind.SECTION}
_EARLIER, _LATER = decisions.alias("earlier"), decisions.alias("later")


def added_by(conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str) -> Counter[tuple[date, TallyLine]]:
    """The counts that the decisions from ``first_id`` up to ``end_id`` add, to their own day and to earlier ones."""
    d = decisions.c
    within = sa.and_(d.site_id.in_(site_ids), d.id >= first_id, d.id < end_id)
    found: Counter[tuple[date, TallyLine]] = Counter()
    for row in conn.execute(_FLAGGINGS.where(within)):
        found.update(_flagged(row, FLAGGED))
    for row in conn.execute(_ANSWERS.where(within)):
        found[_day(row.later_id), _wait(row)] += 1
        found.update(_answered(row))
    for row in conn.execute(_BY_PERSON.where(within)):
        found[_day(row.id), TallyLine(TallyKind.PERSON, row.moderator_id, row.status_after)] += 1
    return found + _undone(conn, within) + _first_verdicts(conn, within)


def added_to_earlier(
    conn: Connection, site_ids: Sequence[str], first_id: str, kinds: Collection[TallyKind]
) -> Counter[tuple[date, TallyLine]]:
    """The counts that the decisions from ``first_id`` on add to earlier days. Of other kinds there may be some too."""
    within = sa.and_(decisions.c.site_id.in_(site_ids), decisions.c.id >= first_id)
    found: Counter[tuple[date, TallyLine]] = Counter()
    if not FLAGGINGS.isdisjoint(kinds):
        for row in conn.execute(_ANSWERS.where(within, _EARLIER.c.id < first_id)):
            found.update(_answered(row))
    if TallyKind.PERSON in kinds:
        found += _undone(conn, sa.and_(within, _EARLIER.c.id < first_id))
    if TallyKind.FIRST_VERDICT in kinds:
        found += _first_verdicts(conn, sa.and_(within, decisions.c.comment_id < first_id))
    return found


def of_period(conn: Connection, period: Period, kinds: Collection[TallyKind]) -> Tallies:
    """All that happened in the period, with its outcome until now."""
    found = Tallies()
    if not FLAGGINGS.isdisjoint(kinds):
        for row in conn.execute(within(_FLAGGED, decisions, period)):
            for kind, name in _named(row).items():
                found[TallyLine(kind, name, FLAGGED)] += row.number
                if row.outcome in OUTCOMES:
                    found[TallyLine(kind, name, row.outcome)] += row.number
    if TallyKind.WAIT in kinds:
        for row in conn.execute(within(_ANSWERS, decisions, period)):
            found[_wait(row)] += 1
    if TallyKind.PERSON in kinds:
        for row in conn.execute(within(_PEOPLE, decisions, period)):
            found[TallyLine(TallyKind.PERSON, row.moderator_id, row.status_after)] += row.number
            found[TallyLine(TallyKind.PERSON, row.moderator_id, UNDONE)] += row.undone
    if TallyKind.FIRST_VERDICT in kinds:
        for verdict, count in conn.execute(within(_VERDICTS, comments, period)):
            found[TallyLine(TallyKind.FIRST_VERDICT, "", verdict)] += count
    return Counter({line: count for line, count in found.items() if line.kind in kinds})


def _flagged(row: sa.Row[Any], outcome: str) -> Counter[tuple[date, TallyLine]]:
    return Counter((_day(row.id), TallyLine(kind, name, outcome)) for kind, name in _named(row).items())


def _named(row: sa.Row[Any]) -> dict[TallyKind, str]:
    return {TallyKind.REASON: row.reason or "", TallyKind.ARTICLE: row.article_id, TallyKind.SECTION: row.section or ""}


def _wait(row: sa.Row[Any]) -> TallyLine:
    return TallyLine(TallyKind.WAIT, wait_name((row.decided_at - row.created_at).total_seconds()), WAITED)


def _answered(row: sa.Row[Any]) -> Counter[tuple[date, TallyLine]]:
    """Only what publishes or rejects counts as an outcome of the policy's flagging."""
    if row.decided_by in HUMAN or row.outcome not in OUTCOMES:
        return Counter()
    return _flagged(row, row.outcome)


def _undone(conn: Connection, within: sa.ColumnElement[bool]) -> Counter[tuple[date, TallyLine]]:
    undone = conn.execute(_UNDOING.where(within))
    return Counter((_day(row.id), TallyLine(TallyKind.PERSON, row.moderator_id, UNDONE)) for row in undone)


def _first_verdicts(conn: Connection, within: sa.ColumnElement[bool]) -> Counter[tuple[date, TallyLine]]:
    found = conn.execute(_FIRST.where(within))
    return Counter((_day(row.comment_id), TallyLine(TallyKind.FIRST_VERDICT, "", row.status_after)) for row in found)


def _day(id: str) -> date:
    return moment_of(id).date()


def _with_article(query: sa.Select[Any]) -> sa.Select[Any]:
    joined = query.join(comments, comments.c.id == decisions.c.comment_id)
    return joined.join(articles, articles.c.id == comments.c.article_id)


def _about(flagging: Any) -> list[Any]:
    return [first_reason(flagging).label("reason"), comments.c.article_id, articles.c.section]


def _follows(later: Any, earlier: Any) -> sa.ColumnElement[bool]:
    return sa.and_(later.c.comment_id == earlier.c.comment_id, later.c.version == earlier.c.version + 1)


_IS_FLAGGING = sa.and_(decisions.c.status_after == CommentStatus.FLAGGED, decisions.c.decided_by.not_in(HUMAN))
_FLAGGINGS = _with_article(sa.select(decisions.c.id, *_about(decisions)).select_from(decisions)).where(_IS_FLAGGING)
# Only a person's next decision counts as an outcome
_FLAGGED = (
    _with_article(
        sa.select(*_about(decisions), _LATER.c.status_after.label("outcome"), sa.func.count().label("number"))
        .select_from(decisions)
        .outerjoin(_LATER, sa.and_(_follows(_LATER, decisions), _LATER.c.decided_by.in_(HUMAN)))
    )
    .where(_IS_FLAGGING)
    .group_by(sa.text("reason"), comments.c.article_id, articles.c.section, _LATER.c.status_after)
)
_ANSWERS = _with_article(
    sa.select(
        _EARLIER.c.id,
        _EARLIER.c.created_at,
        _EARLIER.c.decided_by,
        *_about(_EARLIER),
        decisions.c.id.label("later_id"),
        decisions.c.created_at.label("decided_at"),
        decisions.c.status_after.label("outcome"),
    )
    .select_from(decisions)
    .join(_EARLIER, _follows(decisions, _EARLIER))
).where(sa.text(f"decisions.{BY_PEOPLE}"), _EARLIER.c.status_after == CommentStatus.FLAGGED)
_IS_BY_PERSON = sa.and_(
    sa.text(f"decisions.{BY_PEOPLE}"),
    decisions.c.moderator_id.is_not(None),
    decisions.c.undoes.is_(None),
    decisions.c.featured.is_(None),
)
_BY_PERSON = sa.select(decisions.c.id, decisions.c.moderator_id, decisions.c.status_after).where(_IS_BY_PERSON)
_IS_UNDONE = sa.exists().where(_LATER.c.undoes == decisions.c.id)
_PEOPLE = (
    sa.select(
        decisions.c.moderator_id,
        decisions.c.status_after,
        sa.func.count().label("number"),
        sa.func.sum(sa.case((_IS_UNDONE, 1), else_=0)).label("undone"),
    )
    .where(_IS_BY_PERSON)
    .group_by(decisions.c.moderator_id, decisions.c.status_after)
)
_UNDOING = (
    sa.select(_EARLIER.c.id, _EARLIER.c.moderator_id)
    .select_from(decisions)
    .join(_EARLIER, _EARLIER.c.id == decisions.c.undoes)
    .where(
        decisions.c.undoes.is_not(None),
        _EARLIER.c.decided_by.in_(HUMAN),
        _EARLIER.c.moderator_id.is_not(None),
        _EARLIER.c.undoes.is_(None),
        _EARLIER.c.featured.is_(None),
        ~sa.exists().where(_LATER.c.undoes == decisions.c.undoes, _LATER.c.id < decisions.c.id),  # once is enough
    )
)
_FIRST = sa.select(decisions.c.comment_id, decisions.c.status_after).where(is_first())
_VERDICTS = (
    sa.select(decisions.c.status_after, sa.func.count())
    .select_from(comments)
    .join(decisions, decisions.c.comment_id == comments.c.id)
    .where(sa.text(f"comments.{EVER}"), is_first())
    .group_by(decisions.c.status_after)
)
