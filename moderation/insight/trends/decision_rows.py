"""Tallies counted from the decisions themselves. ``added_by`` and ``added_to_earlier`` go by the time of the decision,
to bring kept tallies up to date; ``of_period`` goes by the time of what it is about, whatever came later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.columns import Id
from moderation.ground.database.engine import first_id_at, moment_of
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.insight.trends.reversal_rows import fallen_roots, of_roots, undone_roots
from moderation.insight.trends.rows import Period, is_first, within
from moderation.insight.trends.tally_rows import FLAGGED, UNDONE, WAITED, Tallies, TallyKind, TallyLine, wait_name
from moderation.spine.articles.tables import articles
from moderation.spine.comments.decision_rows import named_reason
from moderation.spine.comments.tables import BY_PEOPLE, EVER, comments, decisions

OUTCOMES = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)
FLAGGINGS = {TallyKind.REASON, TallyKind.ARTICLE, TallyKind.SECTION}
_EARLIER, _BETWEEN = decisions.alias("earlier"), decisions.alias("between")
Lines = Counter[tuple[date, TallyLine]]
_LinesOf = Callable[[sa.Row[Any], int], Lines]


def added_by(conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str) -> Counter[tuple[date, TallyLine]]:
    """The counts that the decisions from ``first_id`` up to ``end_id`` add, to their own day and to earlier ones. An
    undo takes away what the undone decision had added, and so does a later decision by a person, but for the wait."""
    d = decisions.c
    decided = sa.and_(d.site_id.in_(site_ids), d.id >= first_id, d.id < end_id)
    undone, fallen = _gone(conn, site_ids, first_id, end_id)
    counts: Counter[tuple[date, TallyLine]] = Counter()
    for row in conn.execute(_FLAGGINGS.where(decided)):
        counts.update(_flagged(row, FLAGGED, 1))
    for query, lines, gone in (
        (_ANSWERS, _answered, fallen),
        (_WAITS, _waited, undone),
        (_BY_PERSON, _decided, fallen),
    ):
        _add(counts, lines, conn.execute(query.where(_BY_PEOPLE, decided)))
        _add(counts, lines, of_roots(conn, query, gone), gone)
    counts.update(_first_verdicts(conn, decided))
    return counts


def added_to_earlier(
    conn: Connection, site_ids: Sequence[str], first_id: str, kinds: Collection[TallyKind]
) -> Counter[tuple[date, TallyLine]]:
    """The counts that the decisions from ``first_id`` on add to earlier days. Of other kinds there may be some too."""
    decided = sa.and_(decisions.c.site_id.in_(site_ids), decisions.c.id >= first_id)
    undone, fallen = _gone(conn, site_ids, first_id)
    counts: Counter[tuple[date, TallyLine]] = Counter()
    if not FLAGGINGS.isdisjoint(kinds):
        earlier = _ANSWERS.where(_EARLIER.c.id < first_id)
        _add(counts, _answered, conn.execute(earlier.where(_BY_PEOPLE, decided)))
        _add(counts, _answered, of_roots(conn, earlier, fallen), fallen)
    for kind, query, lines in _BY_DECISION:
        if kind in kinds:
            gone = undone if kind is TallyKind.WAIT else fallen
            _add(counts, lines, of_roots(conn, query.where(decisions.c.id < first_id), gone), gone)
    if TallyKind.FIRST_VERDICT in kinds:
        counts.update(_first_verdicts(conn, sa.and_(decided, decisions.c.comment_id < first_id)))
    return counts


def of_period(conn: Connection, period: Period, kinds: Collection[TallyKind]) -> Tallies:
    """All that happened in the period, with its outcome until now."""
    undone, fallen = _gone(conn, period.site_ids, first_id_at(period.start))
    counts: Counter[tuple[date, TallyLine]] = Counter()
    if not FLAGGINGS.isdisjoint(kinds):
        for row in conn.execute(within(_FLAGGED, decisions, period)):
            counts.update(_flagged(row, FLAGGED, row.number))
        answers = within(_ANSWERS, _EARLIER, period)
        _add(counts, _answered, conn.execute(answers.where(_BY_PEOPLE)))
        _add(counts, _answered, of_roots(conn, answers, fallen), fallen)
    for kind, query, lines in _BY_DECISION:
        if kind in kinds:
            here, gone = within(query, decisions, period), undone if kind is TallyKind.WAIT else fallen
            _add(counts, lines, conn.execute(here.where(_BY_PEOPLE)))
            _add(counts, lines, of_roots(conn, here, gone), gone)
    total: Tallies = Counter()
    for (_, line), count in counts.items():
        total[line] += count if line.kind in kinds else 0
    if TallyKind.FIRST_VERDICT in kinds:
        for verdict, count in conn.execute(within(_VERDICTS, comments, period)):
            total[TallyLine(TallyKind.FIRST_VERDICT, "", verdict)] += count
    return total


def _gone(
    conn: Connection, site_ids: Sequence[str], first_id: str, end_id: str | None = None
) -> tuple[dict[str, int], dict[str, int]]:
    """The decisions that were undone, and those with the overturned ones: an author waited for the first decision."""
    return undone_roots(conn, site_ids, first_id, end_id), fallen_roots(conn, site_ids, first_id, end_id)


def _add(
    counted: Lines,
    lines: _LinesOf,
    rows: Iterable[sa.Row[Any]],
    undone: Mapping[str, int] | None = None,
) -> None:
    """The lines of decisions as they were made, or less those of the ones that fell."""
    for row in rows:
        counted.update(lines(row, undone[row.decision_id] if undone else 0))


def _flagged(row: sa.Row[Any], outcome: str, count: int) -> Lines:
    names = {
        TallyKind.REASON: row.reason or "",
        TallyKind.ARTICLE: row.article_id,
        TallyKind.SECTION: row.section or "",
    }
    return Counter({(_day(row.id), TallyLine(kind, name, outcome)): count for kind, name in names.items()})


def _answered(row: sa.Row[Any], undone: int) -> Lines:
    """Only a decision that publishes or rejects counts as an outcome of the policy's flagging."""
    return _flagged(row, row.outcome, -undone or 1) if row.outcome in OUTCOMES else Counter()


def _waited(row: sa.Row[Any], undone: int) -> Lines:
    name = wait_name((row.decided_at - row.flagged_at).total_seconds())
    return Counter({(_day(row.id), TallyLine(TallyKind.WAIT, name, WAITED)): -undone or 1})


def _decided(row: sa.Row[Any], undone: int) -> Lines:
    day, line = _day(row.id), TallyLine(TallyKind.PERSON, row.moderator_id, row.status_after)
    return Counter({(day, line): -undone or 1, (day, line._replace(outcome=UNDONE)): undone})


def _first_verdicts(conn: Connection, within: sa.ColumnElement[bool]) -> Counter[tuple[date, TallyLine]]:
    rows = conn.execute(_FIRST.where(within))
    return Counter((_day(row.comment_id), TallyLine(TallyKind.FIRST_VERDICT, "", row.status_after)) for row in rows)


def _day(id: str) -> date:
    return moment_of(id).date()


def _with_article(query: sa.Select[Any]) -> sa.Select[Any]:
    joined = query.join(comments, comments.c.id == decisions.c.comment_id)
    return joined.join(articles, articles.c.id == comments.c.article_id)


def _about(flagging: Any) -> list[Any]:
    return [named_reason(flagging).label("reason"), comments.c.article_id, articles.c.section]


_IS_FLAGGING = sa.and_(decisions.c.status_after == CommentStatus.FLAGGED, decisions.c.decided_by.not_in(PEOPLE))
_FLAGGINGS = _with_article(sa.select(decisions.c.id, *_about(decisions)).select_from(decisions)).where(_IS_FLAGGING)
_FLAGGED = (
    _with_article(
        sa.select(
            # PostgreSQL has no least of ids, but one of their texts
            sa.cast(sa.func.min(sa.cast(decisions.c.id, sa.Text)), Id).label("id"),
            *_about(decisions),
            sa.func.count().label("number"),
        ).select_from(decisions)
    )
    .where(_IS_FLAGGING)
    .group_by(sa.text("reason"), comments.c.article_id, articles.c.section)
)
_LAST_OF_POLICY = (
    sa.select(sa.func.max(_BETWEEN.c.version))
    .where(
        _BETWEEN.c.comment_id == decisions.c.comment_id,
        _BETWEEN.c.version < decisions.c.version,
        _BETWEEN.c.decided_by.not_in(PEOPLE),
    )
    .correlate(decisions)
    .scalar_subquery()
)
_BY_PEOPLE = sa.text(f"decisions.{BY_PEOPLE}")
_IS_ANEW = sa.and_(decisions.c.undoes.is_(None), decisions.c.featured.is_(None))
# An answer is a person's decision on a comment that the policy flagged; undone, overturned and escalated ones in
# between do not matter
_IS_ANSWERED = sa.and_(_EARLIER.c.comment_id == decisions.c.comment_id, _EARLIER.c.version == _LAST_OF_POLICY)
_IS_ANSWER = (_IS_ANEW, _EARLIER.c.status_after == CommentStatus.FLAGGED)
_ANSWERS = _with_article(
    sa.select(
        _EARLIER.c.id, decisions.c.id.label("decision_id"), *_about(_EARLIER), decisions.c.status_after.label("outcome")
    )
    .select_from(decisions)
    .join(_EARLIER, _IS_ANSWERED)
).where(*_IS_ANSWER, decisions.c.status_before != decisions.c.status_after)
_WAITS: sa.Select[Any] = (
    sa.select(
        decisions.c.id,
        decisions.c.id.label("decision_id"),
        decisions.c.created_at.label("decided_at"),
        _EARLIER.c.created_at.label("flagged_at"),
    )
    .select_from(decisions)
    .join(_EARLIER, _IS_ANSWERED)
    .where(*_IS_ANSWER, decisions.c.status_before == CommentStatus.FLAGGED, decisions.c.status_after.in_(OUTCOMES))
)
_BY_PERSON: sa.Select[Any] = sa.select(
    decisions.c.id, decisions.c.id.label("decision_id"), decisions.c.moderator_id, decisions.c.status_after
).where(_IS_ANEW, decisions.c.moderator_id.is_not(None))
_BY_DECISION: tuple[tuple[TallyKind, sa.Select[Any], _LinesOf], ...] = (
    (TallyKind.WAIT, _WAITS, _waited),
    (TallyKind.PERSON, _BY_PERSON, _decided),
)
_FIRST = sa.select(decisions.c.comment_id, decisions.c.status_after).where(is_first())
_VERDICTS = (
    sa.select(decisions.c.status_after, sa.func.count())
    .select_from(comments)
    .join(decisions, decisions.c.comment_id == comments.c.id)
    .where(sa.text(f"comments.{EVER}"), is_first())
    .group_by(decisions.c.status_after)
)
