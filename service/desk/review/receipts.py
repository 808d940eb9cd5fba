"""The receipt of a decision against a comment's author, and the appeals, as the card of the comment shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import Appeal
from moderation.law.statements import building, facts, links
from moderation.law.statements import rows as statements
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.sites.settings.values import SiteSettings


@dataclass(frozen=True, slots=True)
class NewestStatement:
    """Of the newest decision against the author."""

    decided_at: datetime
    path: str | None  # of its page; None once the time for appeals is over
    appeals: tuple[Appeal, ...]  # about the comment, oldest first


def receipt(
    conn: Connection, context: ReviewContext, settings: SiteSettings, *, now: datetime
) -> NewestStatement | None:
    """None where nothing was decided against the author, as of most comments in the queue: that asks no statement."""
    against = next(filter(facts.is_against, context.decisions), None)
    if against is None:
        return None
    comment = context.comment
    secret, until = statements.secret_of(conn, comment.site_id), building.object_until(settings, against.created_at)
    path = links.path(secret, against.id, until) if secret and now < until else None
    return NewestStatement(against.created_at, path, tuple(appeals.about(conn, [comment.id]).get(comment.id, ())))
