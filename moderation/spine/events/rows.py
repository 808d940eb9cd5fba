"""The outbox: events wait here until they are due, get a number in their site's sequence, and are delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.prepared import Prepared
from moderation.ground.values.events import Event
from moderation.sites.settings import json_column
from moderation.sites.tables import sites
from moderation.spine.events import coral_rows as coral_comments
from moderation.spine.events.tables import events

_UNRELEASED = sa.and_(events.c.sequence.is_(None), events.c.cancelled_at.is_(None))


@dataclass(frozen=True, slots=True)
class Delivery:
    event: Event
    attempts: int


def insert_events(conn: Connection, new: Sequence[Event]) -> None:
    if new:
        _INSERT.write(conn, [_values(event) for event in new])


_INSERT = Prepared(
    events.insert(),
    given=(
        "id", "site_id", "type", "comment_id", "author_id", "decision_id", "payload", "created_at", "due_at",
        "cancelled_at",
    ),
)  # fmt: skip


def cancel_event_of(conn: Connection, decision_id: str, *, now: datetime) -> bool:
    """True if the site has not received the decision and now never will."""
    result = conn.execute(
        events.update().where(events.c.decision_id == decision_id, _UNRELEASED).values(cancelled_at=now)
    )
    return result.rowcount == 1


def cancel(conn: Connection, event_id: str, *, now: datetime) -> bool:
    """True if the site has not received the event and now never will."""
    mine = sa.and_(events.c.id == event_id, _UNRELEASED)
    return conn.execute(events.update().where(mine).values(cancelled_at=now)).rowcount == 1


def hasten(conn: Connection, comment_id: str, *, now: datetime) -> None:
    """Ends the hold on a comment's events, so that later events keep their order."""
    conn.execute(
        events.update().where(events.c.comment_id == comment_id, _UNRELEASED, events.c.due_at > now).values(due_at=now)
    )


def hasten_event(conn: Connection, event_id: str, *, now: datetime) -> None:
    """Ends the hold on one event."""
    held = sa.and_(events.c.id == event_id, _UNRELEASED, events.c.due_at > now)
    conn.execute(events.update().where(held).values(due_at=now))


def sites_with_due_events(conn: Connection, now: datetime) -> list[str]:
    """The ids of sites with events that are due and not yet released."""
    query = sa.select(events.c.site_id).where(_UNRELEASED, events.c.due_at <= now).distinct()
    return list(conn.execute(query).scalars())


def has_due_events(conn: Connection, site_id: str, now: datetime) -> bool:
    """Whether the site has events that are due and not yet released."""
    query = sa.select(events.c.id).where(_UNRELEASED, events.c.due_at <= now, events.c.site_id == site_id).limit(1)
    return conn.execute(query).first() is not None


def release_due(conn: Connection, site_id: str, *, now: datetime, limit: int = 500) -> int:
    """Numbers the site's due events in order and returns how many.

    The site's row is locked until commit, so numbers become visible in order: a reader of the feed never skips one.
    """
    # Rows that point to the site may be inserted meanwhile, else this and an edit that ends a hold could deadlock
    mine = sa.select(sites.c.event_sequence, sites.c.settings).where(sites.c.id == site_id)
    site = conn.execute(mine.with_for_update(key_share=True)).one()
    due = conn.execute(
        sa.select(events.c.id)
        .where(_UNRELEASED, events.c.due_at <= now, events.c.site_id == site_id)
        .order_by(events.c.due_at, events.c.id)
        .limit(limit)
        .with_for_update()
    ).scalars()
    ids = list(due)
    settings = json_column.parse(site.settings)
    first_attempt = now if settings.webhook_url else None
    if ids and settings.coral_url and settings.coral_token:
        of_comments = sa.and_(events.c.id.in_(ids), events.c.comment_id.is_not(None))
        about = conn.execute(sa.select(events.c.comment_id).where(of_comments))
        coral_comments.mark_due(conn, list(about.scalars()), now)
    for number, event_id in enumerate(ids, start=site.event_sequence + 1):
        conn.execute(
            events.update().where(events.c.id == event_id).values(sequence=number, next_attempt_at=first_attempt)
        )
    conn.execute(sites.update().where(sites.c.id == site_id).values(event_sequence=site.event_sequence + len(ids)))
    return len(ids)


def feed(conn: Connection, site_id: str, *, after: int, limit: int) -> list[Event]:
    """Released events with a sequence above ``after``, in order."""
    query = (
        sa.select(events)
        .where(events.c.site_id == site_id, events.c.sequence > after)
        .order_by(events.c.sequence)
        .limit(limit)
    )
    return [_event(row) for row in conn.execute(query)]


def last_sequence(conn: Connection, site_id: str) -> int:
    """The number of the newest event that the site may have read."""
    return int(conn.execute(sa.select(sites.c.event_sequence).where(sites.c.id == site_id)).scalar_one())


def sites_with_deliveries(conn: Connection, now: datetime) -> list[str]:
    """Sites that have an event whose next delivery attempt is due."""
    query = sa.select(events.c.site_id).where(events.c.next_attempt_at <= now).distinct()
    return list(conn.execute(query).scalars())


def due_deliveries(conn: Connection, site_id: str, *, now: datetime, limit: int) -> list[Delivery]:
    """Events whose next attempt is due, in the order of their sequence."""
    query = (
        sa.select(events)
        .where(events.c.site_id == site_id, events.c.next_attempt_at <= now)
        .order_by(events.c.sequence)
        .limit(limit)
    )
    return [Delivery(_event(row), row.attempts) for row in conn.execute(query)]


def record_attempt(
    conn: Connection, delivery: Delivery, *, delivered_at: datetime | None, next_at: datetime | None, error: str | None
) -> None:
    """Conditional on the attempt count, so that two senders of one event do not both reschedule it."""
    conn.execute(
        events.update()
        .where(events.c.id == delivery.event.id, events.c.attempts == delivery.attempts)
        .values(attempts=delivery.attempts + 1, delivered_at=delivered_at, next_attempt_at=next_at, last_error=error)
    )


def _values(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "site_id": event.site_id,
        "type": event.type,
        "comment_id": event.comment_id,
        "author_id": event.author_id,
        "decision_id": event.decision_id,
        "payload": dict(event.payload),
        "created_at": event.created_at,
        "due_at": event.due_at,
        "cancelled_at": event.cancelled_at,
    }


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        site_id=row.site_id,
        sequence=row.sequence,
        type=row.type,
        comment_id=row.comment_id,
        payload=row.payload,
        created_at=row.created_at,
        due_at=row.due_at,
        author_id=row.author_id,
        decision_id=row.decision_id,
        cancelled_at=row.cancelled_at,
    )
