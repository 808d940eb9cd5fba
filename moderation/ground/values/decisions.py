"""A decision on a comment, as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy

Reasons = tuple[Mapping[str, Any], ...]
"""As ``json_form`` writes a Reason down."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of the table of decisions. Unlike a Move it was made; nothing changes it any more."""

    id: str
    comment_id: str
    site_id: str
    version: int  # the comment version that was decided
    action: Action
    status_before: CommentStatus
    status_after: CommentStatus
    decided_by: DecidedBy
    reasons: Reasons
    created_at: datetime
    moderator_id: str | None = None
    policy_version: int | None = None
    scoring_id: str | None = None
    reason: str | None = None  # of a rejection
    note: str | None = None
    undoes: str | None = None
    batch_id: str | None = None
    featured: bool | None = None  # it made the comment an editor's pick, or ended that; its status stayed
    moderator_name: str | None = None  # read only


_SAME = (
    *("id", "comment_id", "site_id", "version", "created_at", "moderator_id", "policy_version", "scoring_id"),
    *("note", "undoes", "batch_id", "featured"),
)


def decision_from(row: Any) -> Decision:
    """From a row of the table of decisions, with the moderator's name where the query has read that, too."""
    return Decision(
        **{name: getattr(row, name) for name in _SAME},
        action=Action(row.action),
        status_before=CommentStatus(row.status_before),
        status_after=CommentStatus(row.status_after),
        decided_by=DecidedBy(row.decided_by),
        reason=row.category,  # the column has the reason's name of earlier versions
        reasons=tuple(row.reasons),
        moderator_name=getattr(row, "moderator_name", None),
    )
