"""Recognises texts that many readers write alike in good faith: a passage of the article, a wish, a petition.

It judges only why a text is repeated; its words are for the other signals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED
from moderation.judging.text.wishes import CORES, PETITION_SITES, PETITIONS, SIGNING, VOCABULARY

QUOTES = "quotes the article"
WISH = "a wish that many write"
PETITION = "a petition"

RUN = 5  # words in a row: fewer agree by chance
MOSTLY = 0.5  # of a text's words
WISHFUL = 0.7  # of a wish's words; the others are a name
MAX_SOURCE_CHARS = 50_000
KEPT = 64  # articles


def innocence(reading: Reading, sources: Iterable[str | None]) -> str:
    """Why many readers write the same; empty where there is no innocent reason. ``sources`` are the article's title,
    summary and text, and the comment replied to.

    A link beside a passage or a wish is a reason to look, and so is any link but that to a petition.
    """
    linked = [reading.text[link.start : link.end].casefold() for link in reading.links]
    if not linked and _is_quoted(reading.words, tuple(s for s in sources if s)):
        return QUOTES
    folded = reading.searched.text
    if not linked and _is_wish(folded, reading.words):
        return WISH
    return PETITION if _is_petition(folded, linked) else ""


def _is_quoted(words: Sequence[str], sources: Sequence[str]) -> bool:
    runs = [_runs(source[:MAX_SOURCE_CHARS]) for source in sources]
    covered = [False] * len(words)
    for at in range(len(words) - RUN + 1):
        run = hash(tuple(words[at : at + RUN]))
        if any(run in known for known in runs):
            covered[at : at + RUN] = [True] * RUN
    return bool(words) and sum(covered) >= MOSTLY * len(words)


@lru_cache(maxsize=KEPT)  # copies come under one article: saves 1 ms of each, for 5,000 characters, measured
def _runs(source: str) -> frozenset[int]:
    words = Reading(source, UNLIMITED).words  # what it takes is of the comment's time
    return frozenset(hash(tuple(words[at : at + RUN])) for at in range(len(words) - RUN + 1))


def _is_wish(folded: str, words: Sequence[str]) -> bool:
    if not any(core in folded for core in CORES):
        return False
    return sum(word in VOCABULARY for word in words) >= WISHFUL * len(words)


def _is_petition(folded: str, linked: Sequence[str]) -> bool:
    if linked:
        return all(any(site in link for site in PETITION_SITES) for link in linked)
    return _PETITION.search(folded) is not None and _SIGNING.search(folded) is not None


_PETITION = re.compile("|".join(PETITIONS))
_SIGNING = re.compile(rf"\b(?:{'|'.join(SIGNING)})")
