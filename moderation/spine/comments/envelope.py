"""The event that a move leaves in the outbox, and the envelope in which a site hears of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from moderation.ground.database.engine import new_id
from moderation.ground.values.decisions import Decision
from moderation.ground.values.events import Event
from moderation.ground.values.measures import Standing
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments.moves import Move


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
    NOTICE_RECEIVED = "notice.received"
    NOTICE_DECIDED = "notice.decided"
    APPEAL_RECEIVED = "appeal.received"
    APPEAL_DECIDED = "appeal.decided"


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


def event_of(
    move: Move,
    decision: Decision | None,
    about: tuple[str, str],
    now: datetime,
    fields: Mapping[str, Any],
) -> Event:
    """The event of a move that was made. ``about`` is the site's own ids of the article and the author, ``fields`` what
    the parts of events add to the decision."""
    comment, (article_id, author_id) = move.comment, about
    payload: dict[str, Any] = {
        "comment": {
            "id": comment.external_id,
            "article_id": article_id,
            "author_id": author_id,
            "status": move.to,
            "version": comment.version + 1,
        }
    }
    if decision is not None:
        payload["decision"] = _for_site(decision) | dict(fields)
    return Event(
        id=new_id(),
        site_id=comment.site_id,
        sequence=None,
        type=_type_of(move),
        comment_id=comment.id,
        payload=payload,
        created_at=now,
        due_at=move.due_at,
        decision_id=decision.id if decision else None,
        cancelled_at=now if move.silent else None,
    )


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


def _type_of(move: Move) -> EventType:
    if move.featured is None:
        return EVENT_OF_STATUS[move.to]
    return EventType.FEATURED if move.featured else EventType.UNFEATURED


def _for_site(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "action": decision.action,
        "by": decision.decided_by,
        "policy_version": decision.policy_version,
        "reason": decision.reason,
        "category": decision.reason,  # its name before; sent until version 1.1
        "reasons": list(decision.reasons),
        "undoes": decision.undoes,
    }
