"""All that happened to one comment, in order of time: arrival, scores, decisions, edits, reports and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Decision
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.spine.comments.tables import scorings
from moderation.spine.events.tables import events

MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class ScoredVersion:
    version: int
    values: tuple[tuple[str, float], ...]
    models: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """An event about the comment, and how far its delivery to the site has come."""

    type: str
    sequence: int | None
    due_at: datetime
    cancelled_at: datetime | None
    delivered_at: datetime | None
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    at: datetime
    kind: str  # "arrived", "scored", "decided", "edited", "reported", "event"
    scored: ScoredVersion | None = None
    decision: Decision | None = None
    notice: EventDelivery | None = None
    text: str = ""
    version: int | None = None  # of an edit


def steps(conn: Connection, context: ReviewContext) -> list[TimelineStep]:
    """Oldest first."""
    comment = context.comment
    timeline = [TimelineStep(comment.received_at, "arrived")]
    timeline += [TimelineStep(e.replaced_at, "edited", version=e.version) for e in context.edits]
    for r in context.reports:
        timeline.append(TimelineStep(r.created_at, "reported", text=f"{r.reason}: {r.note}" if r.note else r.reason))
    timeline += _scorings(conn, comment.id)
    timeline += [TimelineStep(d.created_at, "decided", decision=d) for d in reversed(context.decisions)]
    timeline += _events(conn, comment.id)
    return sorted(timeline, key=lambda step: step.at)  # puts cause before effect where both have the same time


def _scorings(conn: Connection, comment_id: str) -> list[TimelineStep]:
    query = sa.select(scorings).where(scorings.c.comment_id == comment_id).order_by(scorings.c.id.desc())
    return [
        TimelineStep(
            row.created_at,
            "scored",
            scored=ScoredVersion(
                row.version,
                tuple((s["name"], s["value"]) for s in row.signals if s["value"] is not None),
                tuple(sorted(row.models.items())),
                row.seconds,
            ),
        )
        for row in conn.execute(query.limit(MAX_ROWS))
    ]


def _events(conn: Connection, comment_id: str) -> list[TimelineStep]:
    query = sa.select(events).where(events.c.comment_id == comment_id).order_by(events.c.id.desc()).limit(MAX_ROWS)
    return [
        TimelineStep(
            row.delivered_at or row.created_at,
            "event",
            notice=EventDelivery(
                row.type, row.sequence, row.due_at, row.cancelled_at, row.delivered_at, row.attempts, row.last_error
            ),
        )
        for row in conn.execute(query)
    ]
