"""The envelope in which a site hears of a change, and its signature (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from moderation.model import CommentStatus, Event
from moderation.people.webhooks import SECRET_PREFIX


class EventType(StrEnum):
    PUBLISHED = "comment.published"
    FLAGGED = "comment.flagged"
    REJECTED = "comment.rejected"
    EDITED = "comment.edited"
    WITHDRAWN = "comment.withdrawn"


EVENT_OF_STATUS: Mapping[CommentStatus, EventType] = {
    CommentStatus.PUBLISHED: EventType.PUBLISHED,
    CommentStatus.FLAGGED: EventType.FLAGGED,
    CommentStatus.REJECTED: EventType.REJECTED,
    CommentStatus.WAITING: EventType.EDITED,
    CommentStatus.WITHDRAWN: EventType.WITHDRAWN,
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


def signature_headers(secret: str, event: Event, sent: bytes, now: datetime) -> dict[str, str]:
    """Headers by which the site knows that Gavel sent ``sent``, and when.

    The signature is ``v1,base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}"))``; ``secret`` is ``whsec_`` and base64.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = b".".join((event.id.encode(), timestamp.encode(), sent))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": event.id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{digest}"}
