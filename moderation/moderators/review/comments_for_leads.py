"""Comments that only leads decide: a moderator has asked a lead to decide them, or a lead has decided them.

The site's own keys are free of this. A key that may decide may also change the policy, and at the desk only leads may
do that.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from moderation.ground.errors import LeadsDecide
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import PEOPLE, CommentStatus, DecidedBy
from moderation.moderators.queue import rows as queue
from moderation.sites.people import roles
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from moderation.spine.comments import decision_rows as decisions

ASKED = "a moderator asked a lead to decide this comment, so only a lead can decide it"
DECIDED = "a lead decided this comment, so only a lead can change that"


def reserved(conn: Connection, moderator: Moderator, comment: Comment) -> LeadsDecide | None:
    """The reason why this moderator may not decide the comment; None if they may.

    A lead's decision holds until an edit, a notice of illegal content, readers' reports or newer scores follow. When a
    lead undoes a decision, everybody may decide the comment again.
    """
    if _is_lead(moderator, comment.site_id):
        return None
    is_escalated = queue.is_escalated(conn, comment.id)
    if comment.status is CommentStatus.FLAGGED:
        return LeadsDecide(ASKED) if is_escalated else None
    if comment.is_noticed:
        return None
    latest = decisions.latest_decision(conn, comment.id)
    if latest is None or latest.version + 1 != comment.version or latest.decided_by not in PEOPLE:
        return None
    by_lead = is_escalated or latest.moderator_id in _leads(conn, comment.site_id)
    return LeadsDecide(DECIDED) if by_lead else None


def reserved_to_undo(
    conn: Connection, moderator: Moderator, comment: Comment, decision: Decision
) -> LeadsDecide | None:
    """The reason why this moderator may not undo the comment's latest decision; None if they may.

    Moderators may always take back their own request to a lead, since no lead has acted on it yet.
    """
    if decision.id in many_reserved_to_undo(conn, moderator, [decision]):
        return LeadsDecide(ASKED if _is_escalation(decision) else DECIDED)
    return None if _is_escalation(decision) else reserved(conn, moderator, comment)


def many_reserved_to_undo(conn: Connection, moderator: Moderator, decisions: Sequence[Decision]) -> set[str]:
    """The ids of the decisions that this moderator may not undo, judged by the decisions alone."""
    others = [d for d in decisions if d.moderator_id != moderator.id and not _is_lead(moderator, d.site_id)]
    by_leads = {site_id: _leads(conn, site_id) for site_id in {d.site_id for d in others}}
    return {d.id for d in others if _is_escalation(d) or d.moderator_id in by_leads[d.site_id]}


def _is_escalation(decision: Decision) -> bool:
    """Whether the decision asks a lead, or takes that back. Either way the comment stays flagged."""
    stays_flagged = decision.status_before is decision.status_after is CommentStatus.FLAGGED
    return decision.decided_by is DecidedBy.MODERATOR and stays_flagged


def _leads(conn: Connection, site_id: str) -> frozenset[str]:
    return people.ids_with(conn, site_id, (Role.LEAD, Role.ADMIN))


def _is_lead(moderator: Moderator, site_id: str) -> bool:
    return site_id in roles.sites_where(moderator, Role.LEAD)
