"""The sentence for each thing that a person can do to comments, to one or to many at once."""

from __future__ import annotations

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus
from service.languages.wording import ngettext

APPROVED, REJECTED, ESCALATED = "comment.approved", "comment.rejected", "comment.escalated"
SENT_BACK, UNDONE, CONFIRMED = "comment.sent_to_review", "decision.undone", "comment.confirmed"
FEATURED, UNFEATURED = "comment.featured", "comment.unfeatured"
KINDS = (APPROVED, REJECTED, ESCALATED, SENT_BACK, FEATURED, UNFEATURED, UNDONE, CONFIRMED)
"""The audit trail's words."""


def sentence(
    action: str, before: str, after: str, *, count: int = 1, has_reason: bool = False, is_redone: bool = False
) -> str:
    """With the places ``who``, ``comment`` (of one), ``count`` (of many) and, where it has one, ``reason``."""
    if action == UNDONE:
        return _asked(count) if is_redone and before == after == "flagged" else _undone(before, after, count)
    if action == REJECTED:
        return _rejected(before, count, has_reason=has_reason)
    if action == APPROVED:
        return _approved(before, count)
    if action == ESCALATED:
        return _asked(count)
    if action == FEATURED:
        return ngettext("%(who)s featured %(comment)s.", "%(who)s featured %(count)s comments.", count)
    if action == UNFEATURED:
        return ngettext(
            "%(who)s no longer features %(comment)s.", "%(who)s no longer features %(count)s comments.", count
        )
    if action == CONFIRMED:
        return _confirmed(count)
    return ngettext("%(who)s sent %(comment)s to review.", "%(who)s sent %(count)s comments to review.", count)


def action_of(decision: Decision) -> str:
    """The action as the audit trail names it."""
    if decision.undoes is not None:
        return UNDONE
    if decision.featured is not None:
        return FEATURED if decision.featured else UNFEATURED
    if decision.status_before is decision.status_after:
        return ESCALATED if decision.status_after is CommentStatus.FLAGGED else CONFIRMED
    return {CommentStatus.PUBLISHED: APPROVED, CommentStatus.REJECTED: REJECTED}.get(decision.status_after, SENT_BACK)


def _asked(n: int) -> str:
    return ngettext(
        "%(who)s asked a lead to decide %(comment)s.", "%(who)s asked a lead to decide %(count)s comments.", n
    )


def _confirmed(n: int) -> str:
    return ngettext(
        "%(who)s checked %(comment)s and left it as it was.", "%(who)s checked %(count)s comments and left them.", n
    )


def _approved(before: str, n: int) -> str:
    if before == "rejected":
        return ngettext("%(who)s put %(comment)s back up.", "%(who)s put %(count)s comments back up.", n)
    return ngettext("%(who)s approved %(comment)s.", "%(who)s approved %(count)s comments.", n)


def _rejected(before: str, n: int, *, has_reason: bool) -> str:
    if before == "published" and has_reason:
        return ngettext(
            "%(who)s took %(comment)s down as %(reason)s.", "%(who)s took %(count)s comments down as %(reason)s.", n
        )
    if before == "published":
        return ngettext("%(who)s took %(comment)s down.", "%(who)s took %(count)s comments down.", n)
    if has_reason:
        return ngettext(
            "%(who)s rejected %(comment)s as %(reason)s.", "%(who)s rejected %(count)s comments as %(reason)s.", n
        )
    return ngettext("%(who)s rejected %(comment)s.", "%(who)s rejected %(count)s comments.", n)


def _undone(before: str, after: str, n: int) -> str:
    if after == "rejected":
        return ngettext("%(who)s rejected %(comment)s again.", "%(who)s rejected %(count)s comments again.", n)
    if before == after == "published":
        return ngettext(
            "%(who)s undid a decision that left %(comment)s online.",
            "%(who)s undid decisions that left %(count)s comments online.",
            n,
        )
    if after == "published":
        return ngettext("%(who)s published %(comment)s again.", "%(who)s published %(count)s comments again.", n)
    if before == "rejected":
        return ngettext(
            "%(who)s undid the rejection of %(comment)s.", "%(who)s undid the rejection of %(count)s comments.", n
        )
    if before == "published":
        return ngettext(
            "%(who)s undid the approval of %(comment)s.", "%(who)s undid the approval of %(count)s comments.", n
        )
    return ngettext(
        "%(who)s took %(comment)s back from the leads.", "%(who)s took %(count)s comments back from the leads.", n
    )
