"""Events about authors: who may comment until when, the measure behind it, and the message for the author."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.values.authors import Author
from moderation.ground.values.events import Event
from moderation.ground.values.measures import SILENCED, Measure
from moderation.law.statements import measure_statements
from moderation.law.statements.measure_facts import RESTRICTION_OF
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.authors.measure_rows import AuthorMark, Message, TakenMeasure
from moderation.sites.audit.actors import ActorKind
from moderation.spine.comments.envelope import EVENT_OF_STANDING, EventType


def taken(conn: Connection, author: Author, measure: TakenMeasure, after: AuthorMark, due_at: datetime) -> Event:
    """It has the measure's own id, so that an undo finds it."""
    is_warning = measure.measure is Measure.WARN
    kind = EventType.AUTHOR_WARNED if is_warning else EVENT_OF_STANDING[after.standing]
    payload = _payload(conn, author, after, measure, measure.message, undone=False)
    return _event(measure.id, author, kind, payload, measure.created_at, due_at)


def undone(
    conn: Connection, author: Author, measure: TakenMeasure, after: AuthorMark, message: Message | None, now: datetime
) -> Event:
    """The mark that holds again gives it its type; a warning that is undone restores."""
    is_warning = measure.measure is Measure.WARN
    kind = EventType.AUTHOR_RESTORED if is_warning else EVENT_OF_STANDING[after.standing]
    is_free = kind is EventType.AUTHOR_RESTORED
    payload = _payload(conn, author, after, measure, message if is_free else None, undone=True)
    return _event(new_id(), author, kind, payload, now, now)


def ended(
    conn: Connection,
    author: Author,
    measure: TakenMeasure | None,
    after: AuthorMark,
    message: Message | None,
    now: datetime,
) -> Event:
    """``after`` is the mark that holds then. ``measure`` is None for a mark of before there was a history."""
    payload = _payload(conn, author, after, measure, message, undone=False)
    return _event(new_id(), author, EVENT_OF_STANDING[after.standing], payload, now, now)


def taken_by(measure: TakenMeasure) -> Literal["moderator", "api", "ladder"]:
    """``moderator``, ``api`` or ``ladder``."""
    if measure.made_by == ActorKind.PERSON:
        return "moderator"
    return "api" if measure.made_by == ActorKind.KEY else "ladder"


def _event(id: str, author: Author, kind: EventType, payload: dict[str, Any], now: datetime, due_at: datetime) -> Event:
    return Event(id, author.site_id, None, kind, None, payload, now, due_at, author_id=author.id)


def _payload(
    conn: Connection,
    author: Author,
    mark: AuthorMark,
    measure: TakenMeasure | None,
    message: Message | None,
    *,
    undone: bool,
) -> dict[str, Any]:
    return {
        "author": {
            "id": author.external_id,
            "standing": mark.standing.value,
            "until": mark.until.isoformat() if mark.until else None,
            "may_comment": mark.standing not in SILENCED,
        },
        "measure": _measure(conn, measure, undone=undone) if measure else None,
        "message": {"language": message.language, "text": message.text} if message else None,
    }


def _measure(conn: Connection, measure: TakenMeasure, *, undone: bool) -> dict[str, Any]:
    return {
        "id": measure.id,
        "measure": measure.measure.value,
        "by": taken_by(measure),
        "reason": measure.reason,
        "rejection_reason": measure.rejection_reason,
        "category": measure.rejection_reason,  # its name before; sent until version 1.1
        "comment_id": author_data.comment_external_id(conn, measure.about_id) if measure.about_id else None,
        "until": measure.until.isoformat() if measure.until else None,
        "undone": undone,
        "statement": _statement(conn, measure),
    }


def _statement(conn: Connection, measure: TakenMeasure) -> dict[str, Any] | None:
    """Of a measure that keeps its author from commenting."""
    is_against = measure.measure in RESTRICTION_OF
    return measure_statements.field(conn, measure.site_id, measure.id) if is_against else None
