"""Folds the disguises of characters away and remembers where each one came from, so that evidence points into what the
reader wrote. It does not judge: words.py and links.py say what the folded text means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Marks that readers pile on letters; vowel signs of other scripts are letters to their readers and stay.
_PILED_MARK = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
_CLUSTER = re.compile(rf"(?s:.){_PILED_MARK.pattern}*")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` in lower case without disguises; ``starts[i]:ends[i]`` is what its character ``i`` was made from."""

    text: str
    starts: range | tuple[int, ...]
    ends: range | tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of ``text[start:end]``, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Full-width and ornate letters become plain, invisible characters and piled-up accents go, case is folded."""
    if text.isascii():
        return Folded(text.lower(), range(len(text)), range(1, len(text) + 1))
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        plain = _plain(cluster.group())
        folded.append(plain)
        starts.extend([cluster.start()] * len(plain))
        ends.extend([cluster.end()] * len(plain))
    return Folded("".join(folded), tuple(starts), tuple(ends))


def _plain(cluster: str) -> str:
    if cluster.isascii():
        return cluster.lower()
    if unicodedata.category(cluster[0]) == "Cf":  # zero-width spaces and joiners, soft hyphens, direction marks
        return ""
    return _PILED_MARK.sub("", unicodedata.normalize("NFKC", cluster).casefold())
