"""What was given up: comments that no attempt could score, and events that a webhook never took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.model import CommentStatus, ReasonCode
from moderation.schema import comments, events, sites

_GIVEN_UP = sa.and_(events.c.attempts > 0, events.c.delivered_at.is_(None), events.c.next_attempt_at.is_(None))
_UNSCORED = sa.and_(
    comments.c.status == sa.literal_column(f"'{CommentStatus.FLAGGED}'"),
    comments.c.flagged_for == ReasonCode.SCORING_FAILED,
)


@dataclass(frozen=True, slots=True)
class DeadComment:
    id: str
    site: str
    external_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DeadEvent:
    id: str
    site: str
    type: str
    attempts: int
    created_at: datetime
    last_error: str | None


def dead_comments(conn: Connection, *, limit: int) -> list[DeadComment]:
    """Those that wait for a person because they could not be scored, newest first."""
    query = (
        sa.select(comments.c.id, sites.c.name, comments.c.external_id, comments.c.received_at)
        .join(sites, sites.c.id == comments.c.site_id)
        .where(_UNSCORED)
        .order_by(comments.c.id.desc())
        .limit(limit)
    )
    return [DeadComment(r.id, r.name, r.external_id, r.received_at) for r in conn.execute(query)]


def dead_events(conn: Connection, *, limit: int) -> list[DeadEvent]:
    query = (
        sa.select(events.c.id, sites.c.name, events.c.type, events.c.attempts, events.c.created_at, events.c.last_error)
        .join(sites, sites.c.id == events.c.site_id)
        .where(_GIVEN_UP)
        .order_by(events.c.id.desc())
        .limit(limit)
    )
    return [DeadEvent(r.id, r.name, r.type, r.attempts, r.created_at, r.last_error) for r in conn.execute(query)]


def send_again(conn: Connection, event_ids: Sequence[str], *, now: datetime) -> int:
    """Gives given-up events all their attempts anew; returns how many were."""
    given_up = sa.and_(events.c.id.in_(event_ids), _GIVEN_UP)
    return conn.execute(events.update().where(given_up).values(attempts=0, next_attempt_at=now)).rowcount
