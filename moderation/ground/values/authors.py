"""A reader who writes comments, and the mark that moderators left on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation.ground.values.measures import HELD, SILENCED, Standing


@dataclass(frozen=True, slots=True)
class Author:
    id: str
    site_id: str
    external_id: str
    name: str | None
    published: int = 0  # their comments that are published now
    rejected: int = 0  # their comments that are rejected now
    standing: Standing = Standing.NORMAL
    standing_until: datetime | None = None
    registered_at: datetime | None = None  # their account with the site, where the site says so
    email_domain: str | None = None
    is_staff: bool = False  # works for the site, as it signed

    def is_on_hold(self, now: datetime) -> bool:
        """Whether a person must see everything by this author: they are on hold, or may not write at all, and the mark
        has not expired. After a suspension a person looks until its end is recorded: an earlier hold may then hold
        again."""
        return self.standing in HELD and (self._is_marked(now) or self.standing is Standing.SUSPENDED)

    def is_silenced(self, now: datetime) -> bool:
        """Whether the author is suspended or banned and the mark has not expired. Then their new comments are
        refused."""
        return self.standing in SILENCED and self._is_marked(now)

    def is_trusted(self, now: datetime) -> bool:
        """Whether a moderator trusts the author and the mark has not expired. Then only severe rules hold their
        comments."""
        return self.standing is Standing.TRUSTED and self._is_marked(now)

    def standing_at(self, now: datetime) -> Standing:
        """The mark that holds then."""
        return self.standing if self._is_marked(now) else Standing.NORMAL

    def _is_marked(self, now: datetime) -> bool:
        return self.standing_until is None or now < self.standing_until
