"""The relation of a comment to others' recent comments, and the decision that holds for them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from moderation.ground.values.statuses import Action


@dataclass(frozen=True, slots=True)
class Treatment:
    """A moderator's decision on a campaign, which also holds for what comes like it for some days."""

    action: Action  # PUBLISH: being a copy is no reason to hold a comment
    reason: str | None  # the site's reason for rejecting
    until: datetime
    by: str  # the moderator's name
    batch_id: str | None = None  # the decisions that it was made with; what it rejects is undone with them


@dataclass(frozen=True, slots=True)
class Alike:
    """The comment repeats others' recent comments: how many authors there are, and the campaign that it belongs to."""

    others: int = 0  # authors; counting stops at ``store.near_copies.MOST_AUTHORS``
    near: tuple[str, ...] = ()  # ids of near copies, newest first, as many as a new campaign takes in
    sharing: frozenset[str] = frozenset()  # of these, the ones that only share a contact or a domain
    campaign_id: str | None = None
    is_keyed: bool = False  # the campaign knows this very text, and whatever contacts and domains it has
    is_copy: bool = False  # of a text; False if it only shares a contact or a domain
    treatment: Treatment | None = None  # in force, for a text, a contact or a domain that a person saw
    has_seen_text: bool = False  # a near copy of a text that the person saw, with no more than a few words of its own
    may_be_innocent: bool = False  # it shares no contact or domain, and no treatment holds for it
    innocent: str = ""  # why many readers write the same in good faith

    @property
    def applied(self) -> Treatment | None:
        """The treatment that holds for this comment. One that only shares a contact or a domain is not rejected unread,
        since a reader may warn of it, and neither is a copy of what joined the campaign after the person decided."""
        if self.treatment is None or self.has_seen_text or self.treatment.action is not Action.REJECT:
            return self.treatment
        return replace(self.treatment, action=Action.FLAG, reason=None)

    @property
    def excuse(self) -> str:
        """Why being a copy is no reason to hold the comment; empty if it may be one."""
        is_approved = self.treatment is not None and self.treatment.action is Action.PUBLISH
        return self.innocent or (f"{self.treatment.by} approved such copies" if self.treatment and is_approved else "")


UNIQUE = Alike()
