"""Finds, among copies of a text, those that add words of their own, such as a warning that quotes the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby, pairwise

RUN = 3  # words in a row
SHARE = 1 / 3

Pair = tuple[str, str]


def usual_pairs(texts: Sequence[Sequence[str]]) -> frozenset[Pair]:
    """The pairs of neighbouring words that at least a third of the texts have, and at least three of them; among fewer
    than five texts, more than half. Texts are given as their words."""
    among = Counter(pair for words in texts for pair in set(pairwise(words)))
    enough = min(len(texts) // 2 + 1, max(3, -(-len(texts) // 3)))
    return frozenset(pair for pair, count in among.items() if count >= enough)


def own_words(words: Sequence[str], usual: Collection[Pair]) -> str:
    """The longest stretch of words that are in no usual pair, if the text is unlike the others; empty if it is like
    them.

    A text is unlike the others if RUN of its own words follow each other, or if SHARE of all its words are its own. A
    copy swaps a name, adds a greeting or a sign of thanks: one or two words at a place. A warning is a sentence. Chosen
    on the texts of ``tests/moderation/judging/text/near_copies/test_own_words.py``: of 16 warnings in four languages
    this finds all but one of two words, and of 20 changed copies it takes two for unlike. These cost a person a key; a
    rejected warning costs a reader their say. Single letters and numbers do not count: they may be a disguised word.
    """
    if len(words) < 2:
        return ""
    shared = {place for start, pair in enumerate(pairwise(words)) if pair in usual for place in (start, start + 1)}
    stretches = [
        list(places) for is_own, places in groupby(range(len(words)), lambda place: place not in shared) if is_own
    ]
    counted = [sum(_counts(words[place]) for place in places) for places in stretches]
    if not (max(counted, default=0) >= RUN or sum(counted) >= SHARE * len(words)):
        return ""
    longest = stretches[counted.index(max(counted))]
    return " ".join(words[place] for place in longest)


def _counts(word: str) -> bool:
    return len(word) > 1 or not word.isascii()
