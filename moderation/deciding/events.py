"""The envelope in which a site hears of a change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from moderation.measures import Standing
from moderation.model.events import Event
from moderation.model.statuses import CommentStatus


class EventType(StrEnum):
    PUBLISHED = "comment.published"
    FLAGGED = "comment.flagged"
    REJECTED = "comment.rejected"
    EDITED = "comment.edited"
    WITHDRAWN = "comment.withdrawn"
    FEATURED = "comment.featured"
    UNFEATURED = "comment.unfeatured"
    AUTHOR_WARNED = "author.warned"
    AUTHOR_HELD = "author.held"
    AUTHOR_SUSPENDED = "author.suspended"
    AUTHOR_BANNED = "author.banned"
    AUTHOR_TRUSTED = "author.trusted"
    AUTHOR_RESTORED = "author.restored"


EVENT_OF_STATUS: Mapping[CommentStatus, EventType] = {
    CommentStatus.PUBLISHED: EventType.PUBLISHED,
    CommentStatus.FLAGGED: EventType.FLAGGED,
    CommentStatus.REJECTED: EventType.REJECTED,
    CommentStatus.WAITING: EventType.EDITED,
    CommentStatus.WITHDRAWN: EventType.WITHDRAWN,
}
EVENT_OF_STANDING: Mapping[Standing, EventType] = {
    Standing.NORMAL: EventType.AUTHOR_RESTORED,
    Standing.HOLD: EventType.AUTHOR_HELD,
    Standing.TRUSTED: EventType.AUTHOR_TRUSTED,
    Standing.SUSPENDED: EventType.AUTHOR_SUSPENDED,
    Standing.BANNED: EventType.AUTHOR_BANNED,
}


def envelope(event: Event) -> dict[str, Any]:
    """The JSON that the feed and the webhook send. ``sequence`` has no gaps within a site, so that the site can see
    that it missed one."""
    return {
        "id": event.id,
        "sequence": event.sequence,
        "type": event.type,
        "created_at": event.created_at.isoformat(),
        "data": dict(event.payload),
    }


def body(event: Event) -> bytes:
    """The envelope as the bytes that are signed and sent: UTF-8, without spaces."""
    return json.dumps(envelope(event), separators=(",", ":"), ensure_ascii=False).encode()
