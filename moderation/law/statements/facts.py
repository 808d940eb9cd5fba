"""A decision against an author, with the decisions on the same text before and after it: who decided, on what ground,
what happened. Statement, export, transparency report, event and page derive all three here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import Any

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import MACHINES, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import ReasonCode

FOUND_BY_MACHINE = frozenset(
    {
        ReasonCode.RULE,
        ReasonCode.COMBINED,
        ReasonCode.DISAGREEMENT,
        ReasonCode.RESCORED,
        ReasonCode.CAMPAIGN,
        ReasonCode.SECOND_READER,
    }
)
"""The other codes send a comment to a person whatever its text says."""


class Restriction(StrEnum):
    NOT_PUBLISHED = "not_published"  # rejected before readers saw it
    REMOVED = "removed"  # rejected after it was published
    HELD = "held"  # taken offline until a person decides


class Source(StrEnum):
    """The cause of a decision."""

    TRUSTED_FLAGGER = "trusted_flagger"
    NOTICE = "notice"  # of illegal content, by anybody else
    REPORT = "report"  # by readers
    OWN_INITIATIVE = "own_initiative"


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
    unheard: frozenset[str]  # of all these, those that were undone before the site heard of them
    site_id: str
    comment_id: str  # the site's own
    article_title: str | None
    posted_at: datetime
    received_at: datetime
    language: str | None  # as the site sent it, or as it was detected
    reports: int  # by readers, before the decision
    notices: int = 0  # of illegal content, open at the decision or answered by it, here and below
    trusted_notices: int = 0  # those by trusted flaggers
    alleged: str | None = None  # the category of the newest of these
    announced: Mapping[str, Any] | None = None  # the field of the event: the ground as it was then
    version: int = 0  # of the comment now

    @property
    def was_heard_of(self) -> bool:
        """Whether the site heard of the decision, and the author through it."""
        return self.step.id not in self.unheard

    @property
    def was_online(self) -> bool:
        """Whether readers saw this text before the decision."""
        earlier = (step for step in self.before if step.id not in self.unheard)
        is_online = self.step.status_before is CommentStatus.PUBLISHED
        return is_online or any(step.status_after is CommentStatus.PUBLISHED for step in earlier)

    @property
    def restriction(self) -> Restriction:
        if self.step.status_after is CommentStatus.FLAGGED:
            return Restriction.HELD
        return Restriction.REMOVED if self.was_online else Restriction.NOT_PUBLISHED

    @property
    def is_alleged(self) -> bool:
        """Whether nothing but a notice took the comment offline."""
        return self.restriction is Restriction.HELD and ReasonCode.NOTICED in codes(self.step)

    @property
    def held_at(self) -> datetime | None:
        """When a text that was removed went offline before."""
        offline = self._since_offline
        return offline[-1].created_at if offline and self.restriction is Restriction.REMOVED else None

    @property
    def _since_offline(self) -> list[Decision]:
        """The steps before this one since readers last saw the text or it came, newest first."""
        heard = (step for step in self.before if step.id not in self.unheard)
        return list(takewhile(lambda step: step.status_after is not CommentStatus.PUBLISHED, heard))

    @property
    def source(self) -> Source:
        """The policy may act for reasons of its own, whoever told of the comment before."""
        is_own = self.step.decided_by is DecidedBy.POLICY
        steps = (self.step,) if is_own else (self.step, *self._since_offline)
        told = frozenset[str]().union(*map(codes, steps))
        if ReasonCode.NOTICED in told or (self.notices and not is_own):
            return Source.TRUSTED_FLAGGER if self.trusted_notices else Source.NOTICE
        is_reported = ReasonCode.REPORTED in told or (self.reports and not is_own)
        return Source.REPORT if is_reported else Source.OWN_INITIATIVE

    @property
    def counts(self) -> bool:
        """Whether it is a measure of its own: the site heard of it, and no other replaced it before readers saw the
        text again. A hold and the rejection that ends it are one measure."""
        if not self.was_heard_of:
            return False
        later = (step for step in self.after if step.id not in self.unheard)
        telling = (step for step in later if is_against(step) or step.status_after is CommentStatus.PUBLISHED)
        following = next(telling, None)
        return following is None or following.status_after is CommentStatus.PUBLISHED

    @property
    def was_found_by_machine(self) -> bool:
        steps = (self.step, *self.before)
        return any(step.decided_by in MACHINES and codes(step) & FOUND_BY_MACHINE for step in steps)

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
        """The first later decision that undid or changed this one, and that the site heard of if it heard of this."""
        told = (s for s in self.after if s.id not in self.unheard or not self.was_heard_of)
        changed = (s for s in told if s.undoes == self.step.id or s.status_after is not self.step.status_after)
        return next(changed, None)

    @property
    def holds(self) -> bool:
        """Whether the decision still decides the text that it was about."""
        return self.amended_by is None and self.is_of_present_text

    @property
    def is_of_present_text(self) -> bool:
        """Whether the author has not edited the comment since."""
        newest = self.after[-1] if self.after else self.step
        return self.version == newest.version + 1

    @property
    def ended_at(self) -> datetime | None:
        """When readers could see the comment again."""
        heard = (step for step in self.after if step.id not in self.unheard)
        return next((step.created_at for step in heard if step.status_after is CommentStatus.PUBLISHED), None)


def codes(decision: Decision) -> frozenset[str]:
    """The codes of the reasons against the comment."""
    return frozenset(reason["code"] for reason in decision.reasons if reason.get("action") != "publish")


def _deciding_codes(decision: Decision) -> frozenset[str]:
    """The codes without those that would have sent a rejected comment to a person only."""
    deciding = Action.REJECT if decision.status_after is CommentStatus.REJECTED else Action.FLAG
    return frozenset(reason["code"] for reason in decision.reasons if reason.get("action") == deciding)


def is_against(decision: Decision) -> bool:
    """Whether it restricts the comment of an author: it rejects it, or takes it offline. Those from before Gavel do
    not count."""
    before, after = decision.status_before, decision.status_after
    if decision.decided_by is DecidedBy.IMPORT or before is after:
        return False
    is_taken_down = before is CommentStatus.PUBLISHED and after is CommentStatus.FLAGGED and decision.undoes is None
    return after is CommentStatus.REJECTED or is_taken_down


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
