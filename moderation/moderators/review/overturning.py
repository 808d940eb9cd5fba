"""A person's decision that another decision would replace. Nobody replaces one by accident: the caller must name it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from moderation.ground.errors import PersonDecided
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.spine.comments import decision_rows as decisions


def check(conn: Connection, comment: Comment, named: str | None) -> None:
    """Raises PersonDecided unless ``named`` is the id of the person's decision that holds, if there is one."""
    decision = in_force(comment, decisions.latest_decision(conn, comment.id))
    if decision is not None and decision.id != named:
        by = decision.moderator_name or "the site"
        raise PersonDecided(comment.external_id, comment.status, by)


def decided_by_people(conn: Connection, comment_ids: Sequence[str]) -> set[str]:
    """The published and rejected comments whose newest decision is a person's or the site's."""
    latest = decisions.latest_by_comment(conn, comment_ids) if comment_ids else {}
    return {id for id, decision in latest.items() if decision.decided_by in PEOPLE}


def in_force(comment: Comment, latest: Decision | None) -> Decision | None:
    """The decision by which a person, or the site itself, published or rejected the comment, if it still holds. A
    notice that the comment is illegal asks anew."""
    if latest is None or comment.is_noticed or latest.decided_by not in PEOPLE or latest.version + 1 != comment.version:
        return None
    return latest if comment.status in (CommentStatus.PUBLISHED, CommentStatus.REJECTED) else None
