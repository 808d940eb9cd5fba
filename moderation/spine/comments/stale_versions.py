"""Compares the version that a caller acted on with the comment as it is now. Only this module raises StaleVersion."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from moderation.ground.errors import StaleVersion
from moderation.ground.values.comments import Comment
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments


def check(conn: Connection, comment: Comment, version: int | None) -> Comment:
    """The comment, if it is at ``version`` or no version was given. Raises StaleVersion."""
    if version is not None and version != comment.version:
        raise _stale(conn, comment.id, version)
    return comment


def stale(conn: Connection, seen: Comment) -> StaleVersion:
    """The error for somebody who acted on an old version. It names the person or part that decided the comment last."""
    return _stale(conn, seen.id, seen.version)


def _stale(conn: Connection, comment_id: str, seen: int) -> StaleVersion:
    current = comments.get_by_id(conn, comment_id)
    latest = decisions.latest_decision(conn, comment_id)
    by = (latest.moderator_name or latest.decided_by) if latest else None
    return StaleVersion(current.external_id, seen, current.version, current.status, by)
