"""Answers with events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from moderation.spine.comments.envelope import EventType


class Event(BaseModel):
    """Something that happened to a comment or an author. `sequence` grows by one with each event of the site."""

    id: str
    sequence: int
    type: EventType
    created_at: datetime
    data: dict[str, Any]


class EventPage(BaseModel):
    """Send `next` as `after` the next time."""

    events: list[Event]
    next: int
