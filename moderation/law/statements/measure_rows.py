"""Measures that keep authors from commenting, with what their statements need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.ground.values.measures import Measure
from moderation.law.statements.measure_facts import RESTRICTION_OF, MeasureAgainst
from moderation.spine.articles.tables import author_measures, authors
from moderation.spine.comments.tables import comments
from moderation.spine.events.tables import events

_LATER = author_measures.alias("later")
_FOLLOWED_AT = (
    sa.select(sa.func.min(_LATER.c.created_at, type_=_LATER.c.created_at.type))
    .where(
        _LATER.c.author_id == author_measures.c.author_id,
        _LATER.c.id > author_measures.c.id,
        _LATER.c.measure.in_([measure for measure in Measure if measure.standing is not None]),
        _LATER.c.undone_at.is_(None),
    )
    .correlate(author_measures)
    .scalar_subquery()
)
_STATED: sa.Select[Any] = (
    sa.select(
        author_measures,
        authors.c.external_id,
        comments.c.posted_at,
        _FOLLOWED_AT.label("followed_at"),
        events.c.payload,
        events.c.cancelled_at,
    )
    .select_from(author_measures)
    .join(authors, authors.c.id == author_measures.c.author_id)
    .outerjoin(comments, comments.c.id == author_measures.c.about_id)
    .outerjoin(events, events.c.id == author_measures.c.id)
    .where(author_measures.c.measure.in_(list(RESTRICTION_OF)))
)


def get(conn: Connection, site_id: str, measure_id: str) -> MeasureAgainst:
    """Raises NotFound for a measure of another site, and for one that keeps nobody from commenting."""
    row = conn.execute(_STATED.where(author_measures.c.id == measure_id)).one_or_none()
    if row is None or row.site_id != site_id:
        raise NotFound("measure against an author", measure_id)
    return _against(row)


def between(conn: Connection, site_id: str, *, after: str, before: str, limit: int) -> list[MeasureAgainst]:
    """The site's with ids between both, in the order of their ids. Ids sort by time."""
    columns = author_measures.c
    mine = sa.and_(columns.site_id == site_id, columns.id > after, columns.id < before)
    return [_against(row) for row in conn.execute(_STATED.where(mine).order_by(columns.id).limit(limit))]


def of_author(conn: Connection, author_id: str, *, before: str | None, limit: int) -> list[MeasureAgainst]:
    """The author's, newest first, without those that were undone before the site heard of them. ``before`` is the id of
    the last one of the page above."""
    query = _STATED.where(author_measures.c.author_id == author_id, events.c.cancelled_at.is_(None))
    if before is not None:
        query = query.where(author_measures.c.id < before)
    return [_against(row) for row in conn.execute(query.order_by(author_measures.c.id.desc()).limit(limit))]


def announced_paths(conn: Connection, author_id: str) -> dict[str, str]:
    """By measure, the pages of the statements that the site has, or will have, a link to."""
    query = _STATED.where(author_measures.c.author_id == author_id)
    against = [_against(row) for row in conn.execute(query)]
    return {about.id: str(about.announced["path"]) for about in against if about.announced and about.was_heard_of}


def site_of(conn: Connection, measure_id: str) -> str | None:
    query = sa.select(author_measures.c.site_id).where(author_measures.c.id == measure_id)
    return conn.execute(query).scalar_one_or_none()


def _against(row: Row[Any]) -> MeasureAgainst:
    return MeasureAgainst(
        id=row.id,
        site_id=row.site_id,
        author_id=row.author_id,
        author_external_id=row.external_id,
        measure=Measure(row.measure),
        made_by=row.made_by,
        created_at=row.created_at,
        until=row.until,
        reason=row.reason,
        rejection_reason=row.category,
        message=row.message,
        posted_at=row.posted_at,
        undone_at=row.undone_at,
        followed_at=row.followed_at,
        moderator_id=row.moderator_id,
        was_heard_of=row.cancelled_at is None,
        announced=((row.payload or {}).get("measure") or {}).get("statement"),
    )
