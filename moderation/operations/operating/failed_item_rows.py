"""Given-up items: comments that no attempt could score, and events that no webhook took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.pipeline.rescoring.tables import rescores
from moderation.sites.tables import sites
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import ESCALATED, IN_QUEUE, comments
from moderation.spine.events.tables import events

_GIVEN_UP = sa.and_(events.c.attempts > 0, events.c.delivered_at.is_(None), events.c.next_attempt_at.is_(None))


@dataclass(frozen=True, slots=True)
class DeadComment:
    id: str
    site_id: str
    site: str
    external_id: str
    received_at: datetime
    is_due: bool  # somebody has asked to retry it


@dataclass(frozen=True, slots=True)
class DeadEvent:
    id: str
    site_id: str
    site: str
    type: str
    attempts: int
    created_at: datetime
    last_error: str | None
    comment_id: str | None
    comment_external_id: str | None
    author_id: str | None = None  # of an event about an author
    author_external_id: str | None = None


def dead_comments(conn: Connection, *, limit: int, site_id: str | None = None) -> list[DeadComment]:
    """Comments that wait for a person because they could not be scored, newest first."""
    query = (
        sa.select(
            comments.c.id,
            comments.c.site_id,
            sites.c.name,
            comments.c.external_id,
            comments.c.received_at,
            rescores.c.comment_id.is_not(None).label("is_due"),
        )
        .join(sites, sites.c.id == comments.c.site_id)
        .outerjoin(rescores, rescores.c.comment_id == comments.c.id)
        .order_by(comments.c.id.desc())
        .limit(limit)
    )
    if site_id is not None:
        query = query.where(comments.c.site_id == site_id)
    # One query for each part of the queue, because each has its own index
    rows = [row for part in (IN_QUEUE, ESCALATED) for row in conn.execute(_unscored(query, part))]
    dead = [DeadComment(r.id, r.site_id, r.name, r.external_id, r.received_at, bool(r.is_due)) for r in rows]
    return sorted(dead, key=lambda comment: comment.id, reverse=True)[:limit]


def still_dead(conn: Connection, comment_ids: Sequence[str]) -> list[str]:
    """The comments among these that still wait for a person because they could not be scored."""
    query = sa.select(comments.c.id).where(comments.c.id.in_(comment_ids))
    return list(conn.execute(_unscored(query, f"status = '{CommentStatus.FLAGGED}'")).scalars())


def dead_events(
    conn: Connection, *, limit: int, site_id: str | None = None, event_id: str | None = None
) -> list[DeadEvent]:
    """Newest first."""
    query = (
        sa.select(events, sites.c.name, comments.c.external_id, authors.c.external_id.label("author"))
        .join(sites, sites.c.id == events.c.site_id)
        .outerjoin(comments, comments.c.id == events.c.comment_id)
        .outerjoin(authors, authors.c.id == events.c.author_id)
        .where(_GIVEN_UP)
        .order_by(events.c.id.desc())
        .limit(limit)
    )
    if site_id is not None:
        query = query.where(events.c.site_id == site_id)
    if event_id is not None:
        query = query.where(events.c.id == event_id)
    return [
        DeadEvent(
            *(r.id, r.site_id, r.name, r.type, r.attempts, r.created_at, r.last_error),
            *(r.comment_id, r.external_id, r.author_id, r.author),
        )
        for r in conn.execute(query)
    ]


def payload_of(conn: Connection, event_id: str) -> Mapping[str, Any]:
    """Raises NoResultFound if there is no such event."""
    payload: Mapping[str, Any] = conn.execute(sa.select(events.c.payload).where(events.c.id == event_id)).scalar_one()
    return payload


def send_again(conn: Connection, event_ids: Sequence[str], *, now: datetime) -> list[str]:
    """Gives given-up events all their attempts anew; returns those that were still given up."""
    given_up = sa.and_(events.c.id.in_(event_ids), _GIVEN_UP)
    renewed = events.update().where(given_up).values(attempts=0, next_attempt_at=now).returning(events.c.id)
    return list(conn.execute(renewed).scalars())


def _unscored(query: sa.Select[Any], part: str) -> sa.Select[Any]:
    return query.where(sa.text(part), comments.c.flagged_for == ReasonCode.SCORING_FAILED.value)
