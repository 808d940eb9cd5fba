"""The reasons that a reader may choose from to report a comment. A site's own words are accepted, and say no more than
``other``: else anybody could make up a new reason each time."""

from __future__ import annotations

import re
import unicodedata

OTHER = "other"
LISTED = ("spam", "insult", "hate", "off_topic", "illegal", OTHER)
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def listed(reason: str) -> str:
    """The listed reason that these words name, whatever their case and however they are joined; ``other`` for all
    else."""
    plain = unicodedata.normalize("NFKC", reason).casefold().strip()
    name = _BETWEEN_WORDS.sub("_", plain)
    return name if name in LISTED else OTHER
