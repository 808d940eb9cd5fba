"""A decision that somebody asks for. ``outcomes`` makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.model import Action, Comment, CommentStatus, DecidedBy, Reason


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about to be made on the comment as its maker saw it."""

    comment: Comment
    action: Action
    reasons: tuple[Reason, ...]
    decided_by: DecidedBy
    to: CommentStatus
    due_at: datetime  # when the site may hear of it
    moderator_id: str | None = None
    policy_version: int | None = None
    scoring_id: str | None = None
    category: str | None = None
    note: str | None = None
    undoes: str | None = None
    batch_id: str | None = None
    silent: bool = False  # the site does not hear of it, as it never heard of what this takes back
    escalated: bool | None = None  # asks a lead to decide, or takes that back; None leaves it as it is


def hold_until(now: datetime, hold_s: float) -> datetime:
    """When the site hears of a moderator's decision that is not undone before."""
    return now + timedelta(seconds=hold_s)
