"""Questions to colleagues and owners of escalated comments, as the review screen shows them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.moderators.finding.context_rows import ReviewContext
from moderation.moderators.queue import escalation_rows as escalations
from moderation.moderators.queue.desk import escalation_owners, questions
from moderation.moderators.queue.desk import question_rows as store
from moderation.moderators.queue.desk.question_rows import Question
from moderation.moderators.queue.escalation_rows import Owner
from service import cached
from service.desk.frame.rendering import me

PEOPLE_S = 30.0  # a list of colleagues may be so old
LISTED = 5  # questions about one comment


@dataclass(frozen=True, slots=True)
class Together:
    """How people share a comment: questions about it, colleagues to ask, and of an escalated one its owner and the
    leads, if the reader is one."""

    questions: list[Question]
    colleagues: dict[str, str]
    owner: Owner | None
    leads: dict[str, str]


def about(conn: Connection, context: ReviewContext) -> Together:
    comment = context.comment
    is_lead = me().roles.get(comment.site_id) in escalation_owners.LEADS
    is_taken = context.escalated_at is not None
    return Together(
        questions=store.about(conn, comment.id, limit=LISTED),
        colleagues=cached.value(
            ("colleagues", comment.site_id, me().id),
            PEOPLE_S,
            lambda: questions.colleagues(conn, me(), comment.site_id),
        ),
        owner=escalations.owners(conn, [comment.id]).get(comment.id) if is_taken else None,
        leads=escalation_owners.leads(conn, comment.site_id) if is_lead and is_taken else {},
    )
