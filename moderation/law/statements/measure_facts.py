"""A measure that keeps an author from commenting: who decided, on what ground, what happened. Statement, export,
transparency report, event and page derive all three here, as ``facts`` has them for comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moderation.ground.values.measures import Measure
from moderation.law.statements.facts import Automation, Source
from moderation.sites.audit.actors import ActorKind


class AccountRestriction(StrEnum):
    SUSPENDED = "suspended"  # until a day
    BANNED = "banned"  # for good, unless somebody ends it


RESTRICTION_OF: Mapping[Measure, AccountRestriction] = {
    Measure.SUSPEND: AccountRestriction.SUSPENDED,
    Measure.BAN: AccountRestriction.BANNED,
}
"""The measures that have a statement. A warning takes nothing from anybody, and what a hold keeps back is decided
comment by comment, with a statement for each."""


@dataclass(frozen=True, slots=True)
class MeasureAgainst:
    """A measure against an author, and what is known about both."""

    id: str
    site_id: str
    author_id: str  # ours
    author_external_id: str
    measure: Measure
    made_by: str  # as ``ActorKind``; the ladder of the site is "system"
    created_at: datetime
    until: datetime | None
    reason: str | None  # in the words of the person who took it
    rejection_reason: str | None  # one of the site's
    message: Mapping[str, str] | None  # to the author: its language and its text
    posted_at: datetime | None  # of the comment that it is about, where it is about one that is still there
    undone_at: datetime | None
    followed_at: datetime | None  # when the next measure changed the mark
    moderator_id: str | None = None  # of the person who took it
    was_heard_of: bool = True  # by the site, and by the author through it
    announced: Mapping[str, Any] | None = None  # the field of the event: the ground as it was then

    @property
    def language(self) -> str | None:
        """Of the message to the author."""
        return self.message["language"] if self.message else None

    @property
    def restriction(self) -> AccountRestriction:
        return RESTRICTION_OF[self.measure]

    @property
    def source(self) -> Source:
        """No notice and no report asks for a measure about an author."""
        return Source.OWN_INITIATIVE

    @property
    def is_by_ladder(self) -> bool:
        return self.made_by == ActorKind.SYSTEM

    @property
    def is_by_site(self) -> bool:
        """Whether the site sent it, which counts as not automated: Gavel does not know how it was decided."""
        return self.made_by == ActorKind.KEY

    @property
    def automation(self) -> Automation:
        return Automation.FULLY if self.is_by_ladder else Automation.NOT_AUTOMATED

    @property
    def was_found_by_machine(self) -> bool:
        """Whether software counted what led to it."""
        return self.is_by_ladder

    @property
    def counts(self) -> bool:
        """Whether it is a measure of its own: one that was undone before the site heard of it is none."""
        return self.was_heard_of

    @property
    def amended_at(self) -> datetime | None:
        """When somebody ended it or changed it, before its own end."""
        changed = min((at for at in (self.undone_at, self.followed_at) if at is not None), default=None)
        return changed if changed is not None and (self.until is None or changed < self.until) else None

    @property
    def may_be_appealed(self) -> bool:
        """Whether nobody ended or changed it. One that ran to its own end stays on the author's record."""
        return self.amended_at is None

    @property
    def ends_at(self) -> datetime | None:
        """None of one that holds for good."""
        return self.amended_at or self.until

    def holds_at(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at
