"""A notice that a comment is illegal, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.sites.settings.eu_terms import CATEGORY, NOT_SPECIFIED
from moderation.spine.comments.moves import Enclosure

MAX_EXPLANATION_CHARS, MAX_ANSWER_CHARS = 2_000, 2_000
MAX_NAME_CHARS, MAX_EMAIL_CHARS = 200, 254
LINK_DAYS = 400
"""How long the link to a notice works: beyond that the site gives out a new one."""

OF_MINORS = f"{CATEGORY}PROTECTION_OF_MINORS"
"""The only category in which the law lets a notifier stay anonymous: sexual abuse of children."""


class Outcome(StrEnum):
    UPHELD = "upheld"  # a person rejected the comment
    DISMISSED = "dismissed"  # a person published it
    WITHDRAWN = "withdrawn"  # its author took it back before a person decided


class NoticeState(StrEnum):
    """How a notice stands: open, or with its outcome."""

    OPEN = "open"
    UPHELD = Outcome.UPHELD.value
    DISMISSED = Outcome.DISMISSED.value
    WITHDRAWN = Outcome.WITHDRAWN.value


class Place(StrEnum):
    """Where a notice puts its comment in the moderators' queue."""

    FIRST = "first"
    CROWDED = "crowded"  # after the others: more came within an hour than anybody could read first
    UNFOUNDED = "unfounded"  # after the others: nearly all that this notifier gave lately was dismissed
    SETTLED = "settled"  # a person had dismissed a notice on the same grounds, and that answers this one, too


@dataclass(frozen=True, slots=True)
class WordsToNotifiers(Enclosure):
    """A person's own words to those who gave notice of the comment that they decide."""

    words: str | None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice as it comes. ``id`` makes it safe to send it again."""

    comment_id: str  # the site's own
    explanation: str
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    category: str = NOT_SPECIFIED
    language: str | None = None
    id: str | None = None
    reader_id: str | None = None
    flagger: str | None = None  # the name of a trusted flagger's key


@dataclass(frozen=True, slots=True)
class LegalNotice:
    id: str
    site_id: str
    comment_id: str  # ours
    explanation: str
    category: str
    language: str
    received_at: datetime
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    reader_id: str | None = None
    flagger: str | None = None
    notifier: str | None = None  # one and the same for all notices that one person or body gives
    key_id: str | None = None  # of the key that it came by; None by a signed reader
    place: Place | None = None  # None of notices from before there were places: first
    hid: bool = False  # it took the comment offline, or keeps it there, until a person has read it
    outcome: Outcome | None = None  # None while it waits for a person
    decision_id: str | None = None
    event_id: str | None = None
    answer: str | None = None
    decided_at: datetime | None = None

    @property
    def status(self) -> str:
        """``open``, or the outcome."""
        return self.outcome or "open"

    @property
    def is_trusted(self) -> bool:
        return self.flagger is not None

    @property
    def is_first(self) -> bool:
        return self.place in (None, Place.FIRST)

    @property
    def link_until(self) -> datetime:
        """When the link to its page ends."""
        return self.received_at + timedelta(days=LINK_DAYS)
