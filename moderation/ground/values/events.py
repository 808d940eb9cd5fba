"""A row of the outbox, which reports a change to the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the outbox. Unlike a Decision it is for the site: it waits until it is due, and holds all that the site
    hears. ``sequence`` has no gaps within a site and is set when the event is released."""

    id: str
    site_id: str
    sequence: int | None
    type: str
    comment_id: str | None  # None for an event about an author
    payload: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    author_id: str | None = None  # of an event about an author
    decision_id: str | None = None  # None for an edit, a withdrawal and an event about an author
    cancelled_at: datetime | None = None  # the site never hears of it
