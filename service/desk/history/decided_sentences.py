"""The sentence for each thing that a person can do to comments, to one or to many at once."""

from __future__ import annotations

from gettext import ngettext

from moderation.model import CommentStatus
from moderation.store.decisions import Decision

APPROVED, REJECTED, ESCALATED = "comment.approved", "comment.rejected", "comment.escalated"
SENT_BACK, UNDONE, CONFIRMED = "comment.sent_to_review", "decision.undone", "comment.confirmed"
KINDS = (APPROVED, REJECTED, ESCALATED, SENT_BACK, UNDONE, CONFIRMED)
"""The audit trail's words."""


def sentence(
    action: str, before: str, after: str, *, count: int = 1, has_reason: bool = False, is_redone: bool = False
) -> str:
    """With the places ``who``, ``comment`` (of one), ``num`` (of many) and, where it has one, ``reason``."""
    if action == UNDONE:
        return _asked(count) if is_redone and before == after == "flagged" else _undone(before, after, count)
    if action == REJECTED:
        return _rejected(before, count, has_reason=has_reason)
    if action == APPROVED:
        return _approved(before, count)
    if action == ESCALATED:
        return _asked(count)
    if action == CONFIRMED:
        return _confirmed(count)
    return ngettext("%(who)s sent %(comment)s to review.", "%(who)s sent %(num)s comments to review.", count)


def action_of(decision: Decision) -> str:
    """As the audit trail names it."""
    if decision.undoes is not None:
        return UNDONE
    if decision.status_before is decision.status_after:
        return ESCALATED if decision.status_after is CommentStatus.FLAGGED else CONFIRMED
    return {CommentStatus.PUBLISHED: APPROVED, CommentStatus.REJECTED: REJECTED}.get(decision.status_after, SENT_BACK)


def _asked(n: int) -> str:
    return ngettext(
        "%(who)s asked a lead to decide %(comment)s.", "%(who)s asked a lead to decide %(num)s comments.", n
    )


def _confirmed(n: int) -> str:
    return ngettext(
        "%(who)s checked %(comment)s and left it as it was.", "%(who)s checked %(num)s comments and left them.", n
    )


def _approved(before: str, n: int) -> str:
    if before == "rejected":
        return ngettext("%(who)s put %(comment)s back up.", "%(who)s put %(num)s comments back up.", n)
    return ngettext("%(who)s approved %(comment)s.", "%(who)s approved %(num)s comments.", n)


def _rejected(before: str, n: int, *, has_reason: bool) -> str:
    if before == "published" and has_reason:
        return ngettext(
            "%(who)s took %(comment)s down as %(reason)s.", "%(who)s took %(num)s comments down as %(reason)s.", n
        )
    if before == "published":
        return ngettext("%(who)s took %(comment)s down.", "%(who)s took %(num)s comments down.", n)
    if has_reason:
        return ngettext(
            "%(who)s rejected %(comment)s as %(reason)s.", "%(who)s rejected %(num)s comments as %(reason)s.", n
        )
    return ngettext("%(who)s rejected %(comment)s.", "%(who)s rejected %(num)s comments.", n)


def _undone(before: str, after: str, n: int) -> str:
    if after == "rejected":
        return ngettext("%(who)s rejected %(comment)s again.", "%(who)s rejected %(num)s comments again.", n)
    if after == "published":
        return ngettext("%(who)s published %(comment)s again.", "%(who)s published %(num)s comments again.", n)
    if before == "rejected":
        return ngettext(
            "%(who)s undid the rejection of %(comment)s.", "%(who)s undid the rejection of %(num)s comments.", n
        )
    if before == "published":
        return ngettext(
            "%(who)s undid the approval of %(comment)s.", "%(who)s undid the approval of %(num)s comments.", n
        )
    return ngettext(
        "%(who)s took %(comment)s back from the leads.", "%(who)s took %(num)s comments back from the leads.", n
    )
