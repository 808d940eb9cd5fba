"""A person judges a comment that was drawn at random, without the policy's verdict and what led to it.

The first judgement decides the comment, by the one door like every other decision. A second person's judgement only
shows whether people agree, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.moderators.finding import context_rows as review_context
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.moderators.queue import rows as queue
from moderation.moderators.review import comments_for_leads
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments
from moderation.spine.comments import stale_versions
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move

_STATUS_OF = {Choice.APPROVE: CommentStatus.PUBLISHED, Choice.REJECT: CommentStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class OpenedCheck:
    """A comment to judge. The card must show nothing of it that the policy found or did."""

    context: ReviewContext
    is_second: bool  # another person has judged it, which this one must not see either


def next_check(db: Database, moderator: Moderator, *, now: datetime) -> str | None:
    """The comment to judge next, at the moderator's sites."""
    with db.read() as conn:
        return checks.next_for(conn, tuple(moderator.roles), moderator.id, now=now)


def open_check(db: Database, moderator: Moderator, comment_id: str) -> OpenedCheck | None:
    """None for a comment that waits for no check, or not for this moderator's. Raises NotFound."""
    with db.read() as conn:
        context = review_context.load(conn, comment_id)
        check = checks.of(conn, [comment_id]).get(comment_id)
    if context.comment.site_id not in moderator.roles:
        raise NotFound("comment", comment_id)
    if check is None or not (is_first(check) or is_second_for(check, moderator)):
        return None
    return OpenedCheck(context, is_second=not is_first(check))


def claim(db: Database, moderator: Moderator, comment_id: str, *, now: datetime, lease_s: float) -> bool:
    """Reserves the comment. False while somebody else judges it."""
    return review.claim(db, moderator, comment_id, now=now, lease_s=lease_s)


def is_first(check: Check) -> bool:
    """Whether the check waits for its first judgement, at a card that hides the verdict."""
    return check.decided_at is None and check.verdict is not CommentStatus.FLAGGED


def is_second_for(check: Check, moderator: Moderator) -> bool:
    """Whether it waits for a second person, who may be this one."""
    return check.second_due and check.second_at is None and check.decided_by != moderator.id


def judge(
    db: Database, moderator: Moderator, comment_id: str, decided: ModeratorChoice, *, now: datetime, hold_s: float
) -> Decision | None:
    """The decision, or None after a second judgement, which makes none.

    Raises NotFound, InvalidInput, LeadsDecide, and StaleVersion if the comment changed or was decided meanwhile.
    """
    if decided.choice not in _STATUS_OF:
        raise InvalidInput(FieldProblem("choice", "choose approve or reject"))
    with db.write() as conn:
        comment = comments.lock(conn, comment_id)
        if comment.site_id not in moderator.roles:
            raise NotFound("comment", comment_id)
        stale_versions.check(conn, comment, decided.version)
        check = checks.of(conn, [comment_id]).get(comment_id)
        decision = _judge(conn, moderator, comment, check, decided, now, hold_s)
        queue.release(conn, moderator.id)
    return decision


def _judge(
    conn: Connection,
    moderator: Moderator,
    comment: Comment,
    check: Check | None,
    decided: ModeratorChoice,
    now: datetime,
    hold_s: float,
) -> Decision | None:
    to = _STATUS_OF[decided.choice]
    reason = decided.reason if to is CommentStatus.REJECTED else None
    if check is not None and is_second_for(check, moderator):
        checks.settle_second(conn, comment.id, to, reason=reason, by=moderator.id, now=now)
        return None
    if check is None or not is_first(check):
        raise stale_versions.stale(conn, comment)
    if to is not comment.status:
        return review.decide_in(conn, moderator, comment.id, decided, now=now, hold_s=hold_s)
    if barred := comments_for_leads.reserved(conn, moderator, comment):
        raise barred
    review.check_form(decided)
    return record(conn, _confirmation(moderator, comment, decided, reason, now), now=now)


def _confirmation(
    moderator: Moderator, comment: Comment, decided: ModeratorChoice, reason: str | None, now: datetime
) -> Move:
    """The site need not hear of it, as nothing changes there."""
    return Move(
        comment=comment,
        decided_by=DecidedBy.MODERATOR,
        to=comment.status,
        due_at=now,
        moderator_id=moderator.id,
        reason=reason,
        note=review.clean_note(decided.note),
        silent=True,
        confirms=True,
        is_blind=True,  # the card says nothing of notices
    )
