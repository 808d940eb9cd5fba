"""Everything kept about one reader: their record, what was found in their comments and decided, and their reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.spine.articles.rows import author_from
from moderation.spine.articles.tables import authors
from moderation.spine.comments.decision_rows import decisions_with
from moderation.spine.comments.rows import comment_from
from moderation.spine.comments.tables import comment_edits, comments, decisions, reports, scorings
from moderation.spine.second_readings.tables import second_readings

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Record:
    author: Author
    standing_reason: str | None
    created_at: datetime
    measure: TakenMeasure | None = None  # behind the mark


@dataclass(frozen=True, slots=True)
class EarlierText:
    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Scores:
    """As the signals' and models' JSON in the database."""

    version: int
    signals: Sequence[Mapping[str, Any]]
    models: Mapping[str, str]
    language: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OpinionHad:
    """An answer of a second reader about a version of a comment."""

    version: int
    model: str
    host: str
    breaks: bool | None
    rule: str | None
    quote: str | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ReportMade:
    """By the reader, on somebody's comment."""

    comment_id: str  # ours
    comment_external_id: str
    reason: str
    note: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReportHad:
    """On the reader's comment. It does not say by whom: that is somebody else's."""

    reason: str
    note: str | None
    created_at: datetime


def find_record(conn: Connection, site_id: str, external_id: str) -> Record | None:
    row = conn.execute(
        sa.select(authors).where(authors.c.site_id == site_id, authors.c.external_id == external_id)
    ).one_or_none()
    if row is None:
        return None
    author = author_from(row)
    measure = author_measures.behind(conn, author.id, author.standing)
    return Record(author, row.standing_reason, row.created_at, measure)


def newest_comment(conn: Connection, author_id: str) -> Comment | None:
    query = sa.select(comments).where(comments.c.author_id == author_id).order_by(comments.c.posted_at.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return comment_from(row) if row else None


def comment_external_id(conn: Connection, comment_id: str) -> str | None:
    """The site's own id; None where the comment is gone."""
    return conn.execute(sa.select(comments.c.external_id).where(comments.c.id == comment_id)).scalar_one_or_none()


def earlier_texts(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[EarlierText]]:
    """By the comment, oldest first, like all below."""
    query = sa.select(comment_edits).order_by(comment_edits.c.version)
    return _by_comment(conn, query, comment_edits, comment_ids, lambda r: EarlierText(r.text, r.replaced_at))


def scores(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[Scores]]:
    query = sa.select(scorings).order_by(scorings.c.id)
    return _by_comment(
        conn, query, scorings, comment_ids, lambda r: Scores(r.version, r.signals, r.models, r.language, r.created_at)
    )


def decisions_on(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[Decision]]:
    by_comment: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions_with(conn, decisions.c.comment_id.in_(comment_ids)):
        by_comment[decision.comment_id].append(decision)
    return by_comment


def opinions_on(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[OpinionHad]]:
    """Of second readers, with those that gave no answer: the comment was sent to them."""
    query = sa.select(second_readings).where(second_readings.c.host != "").order_by(second_readings.c.id)
    return _by_comment(
        conn,
        query,
        second_readings,
        comment_ids,
        lambda r: OpinionHad(r.version, r.model, r.host, r.breaks, r.rule, r.quote, r.read_at),
    )


def reports_on(conn: Connection, comment_ids: Sequence[str]) -> Mapping[str, list[ReportHad]]:
    query = sa.select(reports).order_by(reports.c.created_at)
    return _by_comment(conn, query, reports, comment_ids, lambda r: ReportHad(r.reason, r.note, r.created_at))


def reports_by(conn: Connection, site_id: str, reporter_id: str, *, after: str | None, limit: int) -> list[ReportMade]:
    """The reader's own, in the order of the comments; ``after`` is the ``comment_id`` of the last one before."""
    query = (
        sa.select(reports, comments.c.external_id)
        .join(comments, comments.c.id == reports.c.comment_id)
        .where(reports.c.reporter_id == reporter_id, comments.c.site_id == site_id)
        .order_by(reports.c.comment_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(reports.c.comment_id > after)
    return [ReportMade(r.comment_id, r.external_id, r.reason, r.note, r.created_at) for r in conn.execute(query)]


def _by_comment(
    conn: Connection,
    query: sa.Select[Any],
    table: sa.Table,
    comment_ids: Sequence[str],
    kept: Callable[[Row[Any]], Kept],
) -> Mapping[str, list[Kept]]:
    by_comment: dict[str, list[Kept]] = defaultdict(list)
    for row in conn.execute(query.where(table.c.comment_id.in_(comment_ids))):
        by_comment[row.comment_id].append(kept(row))
    return by_comment
