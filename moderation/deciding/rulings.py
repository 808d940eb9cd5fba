"""A decision that somebody asks for. ``outcomes`` makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.model.comments import Comment
from moderation.model.statuses import Action, CommentStatus, DecidedBy
from moderation.model.verdicts import Reason


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision before it is made, about the comment as the caller saw it."""

    comment: Comment
    action: Action
    reasons: tuple[Reason, ...]
    decided_by: DecidedBy
    to: CommentStatus
    due_at: datetime  # when the site may hear of the decision
    moderator_id: str | None = None
    policy_version: int | None = None
    scoring_id: str | None = None
    reason: str | None = None
    note: str | None = None
    undoes: str | None = None
    batch_id: str | None = None
    silent: bool = False  # the site never heard of the decision that this undoes, so it does not hear of this one
    featured: bool | None = None  # True makes an editor's pick, False ends that, None changes nothing
    confirms: bool = False  # the status stays as it is, and a person says that it is right
    escalated: bool | None = None  # True asks a lead to decide, False takes that back, None changes nothing


def hold_until(now: datetime, hold_s: float) -> datetime:
    """When the site hears of a moderator's decision, unless it is undone before."""
    return now + timedelta(seconds=hold_s)
