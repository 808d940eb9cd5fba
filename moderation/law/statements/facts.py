"""A decision against an author, with the decisions on the same text before and after it. The sentences about it
name no person and quote no text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import MACHINES, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import ReasonCode

FOUND_BY_MACHINE = frozenset(
    {ReasonCode.RULE, ReasonCode.COMBINED, ReasonCode.DISAGREEMENT, ReasonCode.RESCORED, ReasonCode.CAMPAIGN}
)
"""The other codes send a comment to a person whatever its text says."""


class Restriction(StrEnum):
    NOT_PUBLISHED = "not_published"  # rejected before readers saw it
    REMOVED = "removed"  # rejected after it was published
    HELD = "held"  # taken offline until a person decides


class Automation(StrEnum):
    FULLY = "fully"
    PARTIALLY = "partially"  # a machine applied a person's decision on texts of this kind
    NOT_AUTOMATED = "not_automated"


@dataclass(frozen=True, slots=True)
class DecidedAgainst:
    """A decision against the author of a comment, and what is known about both."""

    step: Decision
    before: Sequence[Decision]  # on the same text, newest first
    after: Sequence[Decision]  # on the same text, oldest first
    site_id: str
    comment_id: str  # the site's own
    article_title: str | None
    posted_at: datetime
    received_at: datetime
    language: str | None  # as the site sent it, or as it was detected
    reports: int  # by readers, before the decision
    notices: int = 0  # of illegal content, open at the decision or answered by it, here and below
    trusted_notices: int = 0  # those by trusted flaggers
    announced: Mapping[str, Any] | None = None  # the field of the event: the ground as it was then
    was_heard_of: bool = True  # False for a decision that was undone before the site heard of it

    @property
    def was_reported(self) -> bool:
        """Whether a report led to the decision."""
        return self.reports > 0 or any(ReasonCode.REPORTED in codes(step) for step in (self.step, *self.before))

    @property
    def was_noticed(self) -> bool:
        """Whether a notice of illegal content led to the decision. Beside one, the policy may act for reasons of its
        own."""
        is_own = self.step.decided_by is DecidedBy.POLICY and ReasonCode.NOTICED not in codes(self.step)
        return self.notices > 0 and not is_own

    @property
    def was_found_by_machine(self) -> bool:
        steps = (self.step, *self.before)
        return any(step.decided_by is DecidedBy.POLICY and codes(step) & FOUND_BY_MACHINE for step in steps)

    @property
    def is_by_site(self) -> bool:
        """Whether the site sent the decision, which counts as not automated: Gavel does not know how it was made."""
        return self.step.decided_by is DecidedBy.API

    @property
    def automation(self) -> Automation:
        if self.step.decided_by not in MACHINES:
            return Automation.NOT_AUTOMATED
        return Automation.PARTIALLY if _deciding_codes(self.step) == {ReasonCode.CAMPAIGN} else Automation.FULLY

    @property
    def amended_by(self) -> Decision | None:
        """The first later decision that undid or changed this one."""
        changed = (s for s in self.after if s.undoes == self.step.id or s.status_after is not self.step.status_after)
        return next(changed, None)

    @property
    def ended_at(self) -> datetime | None:
        """When readers could see the comment again."""
        published = (step.created_at for step in self.after if step.status_after is CommentStatus.PUBLISHED)
        return next(published, None)


def codes(decision: Decision) -> frozenset[str]:
    """Those of the reasons against the comment."""
    return frozenset(reason["code"] for reason in decision.reasons if reason.get("action") != "publish")


def _deciding_codes(decision: Decision) -> frozenset[str]:
    """Without those that would have sent a rejected comment to a person only."""
    deciding = Action.REJECT if decision.status_after is CommentStatus.REJECTED else Action.FLAG
    return frozenset(reason["code"] for reason in decision.reasons if reason.get("action") == deciding)


def restriction_of(decision: Decision) -> Restriction | None:
    """Of a decision against the author; None for all others, and for those from before Gavel."""
    before, after, by = decision.status_before, decision.status_after, decision.decided_by
    if by is DecidedBy.IMPORT or before is after:
        return None
    if after is CommentStatus.REJECTED:
        return Restriction.REMOVED if before is CommentStatus.PUBLISHED else Restriction.NOT_PUBLISHED
    is_taken_down = before is CommentStatus.PUBLISHED and after is CommentStatus.FLAGGED and decision.undoes is None
    return Restriction.HELD if is_taken_down else None


def on_same_text(history: Sequence[Decision], step: Decision) -> tuple[list[Decision], list[Decision]]:
    """The decisions before the step, newest first, and after it, oldest first, without those on other texts: an edited
    comment waits again. ``history`` is in the order of the versions."""
    before: list[Decision] = []
    newest = step
    for earlier in reversed([decision for decision in history if decision.version < step.version]):
        if newest.status_before is CommentStatus.WAITING:
            break
        before.append(earlier)
        newest = earlier
    after = []
    for later in (decision for decision in history if decision.version > step.version):
        if later.status_before is CommentStatus.WAITING:
            break
        after.append(later)
    return before, after
