"""A comment as a site sends it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

_PARTS = json.JSONEncoder(default=str)  # made once: ``json.dumps`` makes one for every comment


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment as a site sends it, before anything is checked. ``article`` holds the site's other fields about the
    article."""

    article_id: str
    author_id: str
    text: str
    id: str | None = None
    article: tuple[tuple[str, object], ...] = ()
    new_article: tuple[tuple[str, object], ...] = ()  # fields from a page, for an article that is not known yet
    author_name: str | None = None
    parent_id: str | None = None
    posted_at: datetime | None = None
    language: str | None = None
    author_registered_at: datetime | None = None
    author_email_domain: str | None = None
    author_url: str | None = None  # of their website
    author_is_staff: bool | None = None  # works for the site, if a token of theirs says so or not
    author_address: str | None = field(default=None, repr=False)  # as the site sent it: kept as a digest only
    typed_s: float | None = None

    def digest(self) -> str:
        """Equal for two bodies that say the same. Facts about the author and the arrival do not count, of an address
        not even as a digest without a key; nor what a page says, for the next comment finds the article."""
        parts: list[object] = [self.article_id, self.author_id, self.text, list(self.article), self.author_name]
        parts += [self.parent_id, self.posted_at and self.posted_at.isoformat(), self.language]
        return hashlib.sha256(_PARTS.encode(parts).encode()).hexdigest()
