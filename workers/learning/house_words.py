"""The words that speak most for and against rejecting in one newsroom, for people to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from moderation.judging.text.disguises import masks
from workers.scoring.house.model import HouseModel

WORD = re.compile(r"[^\W\d_][\w'’-]+")
FEWEST_COMMENTS = 10  # with the word: a rarer one might say who wrote it
MOST_LOOKED_AT = 5_000
MOST_SHOWN = 40
MASKS = frozenset(
    {masks.LINK, masks.MAIL, masks.HANDLE, masks.MONEY, masks.PHONE, masks.WALLET, masks.CASHTAG, masks.BRAND}
    | {masks.CAPITALS, masks.STYLED, masks.MIXED, masks.SPACED, masks.SYMBOL}
)


def words_of(masked: str) -> set[str]:
    """The words of a masked text without the masks, in small letters."""
    return set(WORD.findall(masked.lower())) - MASKS


def telling_words(model: HouseModel, counted: Counter[str]) -> dict[str, list[tuple[str, float]]]:
    """The strongest words ``for`` and ``against`` rejecting, each with its weight, strongest first. ``counted`` says in
    how many comments each word is."""
    common = [word for word, count in _most_frequent(counted) if count >= FEWEST_COMMENTS]
    weighed = sorted(
        ((word, round(model.word_weight(word), 3)) for word in common), key=lambda pair: (-pair[1], pair[0])
    )
    return {"for": _strongest(weighed, 1), "against": _strongest(weighed[::-1], -1)}


def heaviest_word(model: HouseModel, text: str) -> str:
    """The word of a text that speaks most for rejecting it."""
    words: list[str] = WORD.findall(text.lower())
    return max(words or [text], key=model.word_weight)


def _most_frequent(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_LOOKED_AT]


def _strongest(weighed: Sequence[tuple[str, float]], side: int) -> list[tuple[str, float]]:
    return [(word, weight) for word, weight in weighed if weight * side > 0][:MOST_SHOWN]
