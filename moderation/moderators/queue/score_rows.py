"""Flagged comments by score: a histogram, the comments in a range, and samples from it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue.view_rows import QueueView, in_view
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comments

BINS = 20
_DECIDABLE = (CommentStatus.FLAGGED, CommentStatus.PUBLISHED, CommentStatus.REJECTED)
SCORES = {"toxicity": comments.c.toxicity, "relevance": comments.c.relevance}


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Comments of a view with a score in ``low..high``, both included, that were waiting at ``as_of``."""

    view: QueueView
    score: str  # a key of SCORES
    low: float
    high: float
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    id: str
    site_id: str
    version: int
    text: str
    score: float | None
    author_name: str | None
    status: CommentStatus
    is_noticed: bool = False  # it stays online while it waits for a person


def histogram(conn: Connection, view: QueueView, score: str) -> list[int]:
    """How many comments of the view are in each twentieth of 0..1; the last one includes 1. Each is a stretch of the
    score's index, which is faster to count than to group."""
    column = SCORES[score]
    numbers = []
    for number in range(BINS):
        within = [column >= number / BINS, *([column < (number + 1) / BINS] if number + 1 < BINS else [])]
        parts = [in_view(sa.select(sa.literal(1)), view, site_id).where(*within) for site_id in view.site_ids]
        numbers.append(sa.select(sa.func.count()).select_from(union_of(parts).subquery()).scalar_subquery())
    return list(conn.execute(sa.select(*numbers)).one())


def count(conn: Connection, chosen: ScoreRange, *, at_most: int) -> int:
    """Stops at ``at_most``."""
    total = 0
    for site_id in chosen.view.site_ids:
        few = _chosen(sa.select(sa.literal(1)), chosen, site_id).limit(at_most - total).subquery()
        total += conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()
        if total >= at_most:
            break
    return total


def ids(conn: Connection, chosen: ScoreRange, *, limit: int) -> list[tuple[str, int]]:
    """(id, version) of the comments in the range."""
    versions: list[tuple[str, int]] = []
    for site_id in chosen.view.site_ids:
        query = _chosen(sa.select(comments.c.id, comments.c.version), chosen, site_id).limit(limit - len(versions))
        versions += [(row.id, row.version) for row in conn.execute(query)]
    return versions


def samples(conn: Connection, chosen: ScoreRange, *, size: int) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """The lowest, the highest and some from between: it draws scores and takes the comments just above them."""
    column = SCORES[chosen.score]
    lowest = _nearest(conn, chosen, [column], limit=size)[:size]
    highest = _nearest(conn, chosen, [column.desc()], limit=size)[::-1][:size]
    seen = {sample.id for sample in (*lowest, *highest)}
    between: list[Sample] = []
    for sample in _drawn(conn, chosen, size * 3):
        if sample.id not in seen and len(between) < size:
            seen.add(sample.id)
            between.append(sample)
    return lowest, highest, between


def by_ids(
    conn: Connection, site_ids: Sequence[str], comment_ids: Sequence[str], *, escalated: bool = False
) -> list[Sample]:
    """Those that wait, or are published or rejected. Escalated ones are among them only if asked for."""
    query = _samples(comments.c.toxicity).where(comments.c.id.in_(comment_ids), comments.c.status.in_(_DECIDABLE))
    if not escalated:
        query = query.where(sa.or_(comments.c.status != CommentStatus.FLAGGED, comments.c.escalated_at.is_(None)))
    return [_sample(row) for row in conn.execute(query) if row.site_id in site_ids]


def _nearest(conn: Connection, chosen: ScoreRange, order: list[Any], *, limit: int) -> list[Sample]:
    """Of each site, so many of the first in this order; lowest scores first."""
    column = SCORES[chosen.score]
    parts = [_chosen(_samples(column), chosen, id).order_by(*order).limit(limit) for id in chosen.view.site_ids]
    return sorted((_sample(row) for row in conn.execute(union_of(parts))), key=lambda sample: sample.score or 0)


def _drawn(conn: Connection, chosen: ScoreRange, draws: int) -> list[Sample]:
    """For each score that is drawn, the comment just above it, if there is one."""
    column, parts = SCORES[chosen.score], []
    for number in range(draws):
        above = column >= random.uniform(chosen.low, chosen.high)
        query = sa.select(sa.literal(number).label("draw"), comments.c.id, column.label("score"))
        query = query.where(above).order_by(column).limit(1)
        parts += [_chosen(query, chosen, site_id) for site_id in chosen.view.site_ids]
    nearest: dict[int, sa.Row[Any]] = {}
    for row in conn.execute(union_of(parts)):  # no names of authors: PostgreSQL would plan each join by itself
        if row.draw not in nearest or row.score < nearest[row.draw].score:
            nearest[row.draw] = row
    drawn = {row.id for row in nearest.values()}
    by_id = {row.id: _sample(row) for row in conn.execute(_samples(column).where(comments.c.id.in_(drawn)))}
    ids = [nearest[number].id for number in sorted(nearest)]
    return [by_id[id] for id in ids if id in by_id]  # one may have been deleted meanwhile


def _samples(column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(
        comments.c.id,
        comments.c.site_id,
        comments.c.version,
        comments.c.text,
        column.label("score"),
        authors.c.name.label("author_name"),
        comments.c.status,
        comments.c.noticed_at,
    ).join(authors, authors.c.id == comments.c.author_id)


def _chosen(statement: sa.Select[Any], chosen: ScoreRange, site_id: str) -> sa.Select[Any]:
    column = SCORES[chosen.score]
    return in_view(statement, chosen.view, site_id).where(
        column >= chosen.low, column <= chosen.high, comments.c.updated_at <= chosen.as_of
    )


def _sample(row: sa.Row[Any]) -> Sample:
    status = CommentStatus(row.status)
    is_noticed = row.noticed_at is not None and status is CommentStatus.PUBLISHED
    return Sample(row.id, row.site_id, row.version, row.text, row.score, row.author_name, status, is_noticed)
