"""Bodies and answers about decisions and readers' reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from service.api.fields import (
    Note,
    OldReasonSent,
    Reasoned,
    SentPersonId,
    ShortReason,
    Strict,
    Version,
)
from service.api.schemas.signal_schemas import Reason
from service.api.schemas.submission_schemas import Accepted


class NewDecision(Reasoned):
    """A decision by a person at the site, about the version that they saw."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "reject", "version": 2, "reason": "insult"}})

    action: Action
    version: Version
    note: Note | None = None
    answer: Annotated[Note | None, Field(description="For those who gave notice of the comment, beside the reason")] = (
        None
    )


class Decision(BaseModel):
    """The decision, the one who made it, and in `reasons` the rules behind it."""

    id: str
    action: Action
    status_before: CommentStatus
    status_after: CommentStatus
    by: DecidedBy
    policy_version: int | None
    reason: Annotated[str | None, Field(description="The reason of a rejection")]
    category: OldReasonSent
    note: str | None
    undoes: str | None
    featured: Annotated[
        bool | None, Field(description="True made the comment an editor's pick and false ended that; its status stayed")
    ]
    reasons: list[Reason]
    created_at: datetime


class DecisionMade(BaseModel):
    """The decision, and the comment after it."""

    decision: Decision
    comment: Accepted


class NewReport(Strict):
    """A reader's report, with the site's own id of the reader."""

    model_config = ConfigDict(json_schema_extra={"example": {"reporter_id": "reader-9", "reason": "insult"}})

    reporter_id: SentPersonId
    reason: ShortReason
    note: Note | None = None


class ReportTaken(BaseModel):
    """The comment after the report, and how many readers have reported it."""

    comment: Accepted
    reports: int
