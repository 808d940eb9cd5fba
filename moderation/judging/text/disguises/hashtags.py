"""Writes hashtags as words: ``#SendThemBack`` as ``Send Them Back``, and ``#sendthemback`` by a list of English words.

A tag that is one word, or that has letters outside known words, stays as it is. So does an ordinary word that could be
cut into hostile ones, such as ``#therapists``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from moderation.judging.text.disguises.hostile_words import hostile
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.rewritten_text import Replacement

MAX_TAGS = 30
"""How many tags of a comment are looked at: a text of thousands is no sentence."""

MAX_LETTERS = 60
MIN_LETTERS = 6
"""The fewest letters of a tag without capitals that is cut by the list: shorter ones are mostly names."""

LONGEST_WORD = 20

_TAG = re.compile(rf"(?<![\w&/])[#＃](\w{{3,{MAX_LETTERS}}})(?!\w)")
_SINGLE_CAPITALS = frozenset("BCDEFGHJKLMNOPQRSTUVWXYZ")
_NUMBER_OR_WORD = re.compile(r"[^\W\d_]+|\d+")


def split_hashtags(text: str, budget: Budget) -> Iterator[Replacement]:
    """Tags whose capitals, digits or underscores show their words, in order. Raises TooCostly."""
    return _replaced(text, budget, by_list=False)


def guessed_hashtags(text: str, budget: Budget) -> Iterator[Replacement]:
    """The same, and tags that are cut by the list of English words. Raises TooCostly."""
    return _replaced(text, budget, by_list=True)


def _replaced(text: str, budget: Budget, *, by_list: bool) -> Iterator[Replacement]:
    if "#" not in text and "＃" not in text:
        return
    for number, match in enumerate(budget.over(_TAG.finditer(text), stride=4)):
        if number == MAX_TAGS:
            return
        words = _words_of(match.group(1), by_list)
        if sum(word.isalpha() for word in words) > 1:
            yield Replacement(match.start(), match.end(), " ".join(words))


def _words_of(tag: str, by_list: bool) -> tuple[str, ...]:
    shown = [word for piece in _NUMBER_OR_WORD.findall(tag) for word in _by_capitals(piece)]
    if not by_list:
        return tuple(shown)
    return tuple(word for piece in shown for word in _by_list(piece))


def _by_capitals(piece: str) -> Iterator[str]:
    """Cuts before a capital that follows a small letter, and before the last of several: ``NHS`` ``Crisis``. A single
    capital is a word only if it is one in English: ``I`` ``Quit``, but ``QAnon``."""
    begin = 0
    for at, (before, here) in enumerate(pairwise(piece), start=1):
        following = piece[at + 1 : at + 2]
        is_last_capital = before.isupper() and following.islower() and piece[begin:at] not in _SINGLE_CAPITALS
        if here.isupper() and (before.islower() or is_last_capital):
            yield piece[begin:at]
            begin = at
    yield piece[begin:]


def _by_list(piece: str) -> list[str]:
    """The cut into known words that is most likely, if each word comes by itself as often as its place in the list
    says (Zipf 1932); the piece as it is if there is none."""
    costs = hostile().costs
    if len(piece) < MIN_LETTERS or not piece.isascii() or not piece.isalpha() or piece.lower() in costs:
        return [piece]
    letters, best = piece.lower(), [0.0] + [math.inf] * len(piece)
    begins = [0] * (len(piece) + 1)
    for end in range(1, len(piece) + 1):
        for start in range(max(0, end - LONGEST_WORD), end):
            cost = best[start] + costs.get(letters[start:end], math.inf)
            if cost < best[end]:
                best[end], begins[end] = cost, start
    return [piece] if best[-1] == math.inf else _back_from(piece, begins)


def _back_from(piece: str, begins: list[int]) -> list[str]:
    parts, end = [], len(piece)
    while end:
        parts.append(piece[begins[end] : end])
        end = begins[end]
    return parts[::-1]
