"""Leads share out the escalated comments: one takes a comment, hands it to another, or leaves it to all again. Any lead
may still decide it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, MoveNotAllowed, NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue import escalation_rows as escalations
from moderation.moderators.queue import rows as queue
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role, allow
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments

LEADS = (Role.LEAD, Role.ADMIN)


def leads(conn: Connection, site_id: str) -> dict[str, str]:
    """Names by id, in the order of the names."""
    return {person.id: person.name for person in people.people_of(conn, site_id) if person.role in LEADS}


def give(db: Database, lead: Moderator, comment_id: str, to: str | None, *, now: datetime) -> None:
    """Gives the comment to oneself or another lead; None leaves the comment to all of them.

    Raises NotFound, NotAllowed, InvalidInput, and MoveNotAllowed for a comment that is not escalated.
    """
    with db.write() as conn:
        comment = comments.get_by_id(conn, comment_id)
        if comment.site_id not in lead.roles:
            raise NotFound("comment", comment_id)
        allow(lead, comment.site_id, Role.LEAD)
        if comment.status is not CommentStatus.FLAGGED or not queue.is_escalated(conn, comment_id):
            raise MoveNotAllowed(comment_id, comment.status, "a lead’s own")
        if to is None:
            escalations.forget_owner(conn, comment_id)
        elif to in leads(conn, comment.site_id):
            escalations.set_owner(conn, comment_id, comment.site_id, to, now=now)
        else:
            raise InvalidInput(FieldProblem("owner", "choose a lead of this site"))
        if to != lead.id:
            queue.release(conn, lead.id)
