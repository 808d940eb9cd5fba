"""Guesses a word that is written with signs for letters, masked, stretched, misspelled or accented."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from moderation.judging.text.disguises.hostile_words import LEET, MASKED_MOST, hostile, skeleton, with_i_for_l
from moderation.judging.text.disguises.names import is_part_of_name
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.rewritten_text import Replacement
from moderation.judging.text.word_lists import word_list

MAX_WORD = 40
MOST_ORDINARY = 16_384
"""Of so many words it is kept that nothing was guessed from them, since most words come again and again. This saves
0.27 of 0.31 ms of a comment of 170 characters, measured."""

MAX_AMBIGUOUS = 5
"""How many signs of one word are read as i and as l, each by itself: no hostile word has more of both."""

_MASKS = "*#@%_\u2022\u25cf\u00d7-"
_MASK_RUN = re.compile(f"[{re.escape(_MASKS)}]+")
_MAX_GAP = 4  # letters that a run of masks may replace
_TOKEN = re.compile(r"[^\s.,;:?\"\u201c\u201d<>\[\]{}/\\]+")
_ORDINARY_NUMBER = re.compile(
    r"[#$\u00a3\u20ac]?\d+(?:[.,]\d+)*(?:st|nd|rd|th|s|k|m|bn|km|kg|mm|cm|am|pm|g|x|p|%)?!*$", re.IGNORECASE
)
_ENDS_IN_NUMBER = re.compile(r"[a-z]{1,}\d{2,}")
_STRETCHED = re.compile(r"(.)\1{2,}")
_AMBIGUOUS_RUN = re.compile(r"[1|]+")


_ordinary: set[str] = set()


def guessed_words(text: str, budget: Budget) -> Iterator[Replacement]:
    """Hostile words in place of words that look like them, in order. Raises TooCostly."""
    if _ordinary.issuperset(_TOKEN.findall(text)):
        return
    for match in budget.over(candidate for candidate in _TOKEN.finditer(text) if candidate.group() not in _ordinary):
        token = match.group()
        start, core = _core(token)
        guess = _guess(core.lower()) if _may_be_guessed(core) else None
        if guess and guess != core.lower():
            begin, end = match.start() + start, match.start() + start + len(core)
            if not is_part_of_name(text, begin, end):
                yield Replacement(begin, end, guess)
        elif len(token) <= MAX_WORD:
            _keep_as_ordinary(token)


def _may_be_guessed(core: str) -> bool:
    return len(core) <= MAX_WORD and (core.isalpha() or any(c.isalpha() for c in core))


def _keep_as_ordinary(token: str) -> None:
    if len(_ordinary) >= MOST_ORDINARY:
        _ordinary.clear()
    _ordinary.add(token)


def _core(token: str) -> tuple[int, str]:
    """The token without ordinary punctuation around it, and where it starts."""
    stripped = token.lstrip("'\u2018\u2019(-*_~")
    return len(token) - len(stripped), stripped.rstrip("'\u2018\u2019)-*_~!")


def _guess(word: str) -> str | None:
    if not 3 <= len(word) <= MAX_WORD or word in hostile().words:
        return None
    if word.isalpha():
        known = hostile().respelled
        return _squeezed(word) or known.get(word) or known.get(_shortened(word)) or _without_accents(word)
    if _ORDINARY_NUMBER.match(word) or "'" in word or "\u2019" in word:
        return None
    return _from_leet(word) or _from_masks(word)


def _squeezed(word: str) -> str | None:
    """The hostile word whose letters were repeated: ``stuuupid``, ``iddiot``."""
    bare = skeleton(word)
    return hostile().by_skeleton.get(bare) if bare != word and word not in word_list("not_disguised") else None


def _shortened(word: str) -> str:
    """The word with each letter that is repeated three times or more written twice."""
    return _STRETCHED.sub(r"\1\1", word)


def _without_accents(word: str) -> str | None:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c.isascii())
    return bare if bare != word and bare in hostile().words else None


def _from_leet(word: str) -> str | None:
    if _trails_into_number(word) or with_i_for_l(word) not in hostile().with_i_for_l:
        return None
    choices = [LEET.get(c, c) for c in word]
    if not all(c.isalpha() for choice in choices for c in choice):
        return None
    for letters in _readings(word, choices):
        known = letters if letters in hostile().words else _squeezed(letters) or hostile().respelled.get(letters)
        if known:
            return known
    return None


def _readings(word: str, choices: list[str]) -> Iterator[str]:
    """Each way to read the ambiguous signs. If there are many, neighbours are read alike."""
    if sum(len(choice) > 1 for choice in choices) <= MAX_AMBIGUOUS:
        return map("".join, product(*choices))
    runs = [run.span() for run in _AMBIGUOUS_RUN.finditer(word)]
    return _alike(choices, runs) if len(runs) <= MAX_AMBIGUOUS else iter(())


def _alike(choices: list[str], runs: list[tuple[int, int]]) -> Iterator[str]:
    for chosen in product("il", repeat=len(runs)):
        letters = list(choices)
        for (start, end), letter in zip(runs, chosen, strict=True):
            letters[start:end] = [letter] * (end - start)
        yield "".join(letters)


def _trails_into_number(word: str) -> bool:
    """Whether it ends in a number, as ``covid19`` and ``g20`` do; ``sh1t`` and ``a55`` do not."""
    return bool(_ENDS_IN_NUMBER.fullmatch(word)) and word not in ("a55", "b00b", "a22")


def _from_masks(word: str) -> str | None:
    """``f**k``, ``id*ot``: each mask replaces one letter, or a run of them replaces a few."""
    letters = [c for c in word if c.isalpha()]
    if not letters or not word[0].isalpha() or any(c not in _MASKS for c in word if not c.isalpha()):
        return None
    if "-" in word and "--" not in word:
        return None
    if len(letters) == 1:
        return next((w for w in MASKED_MOST if _fits_exactly(w, word)), None)
    choices = hostile().by_ends.get((word[0], "" if word[-1] in _MASKS else word[-1]), ())
    pieces = _MASK_RUN.split(word)
    exact = next((w for w in choices if _fits_exactly(w, word)), None)
    loose = exact or next((w for w in choices if _fits_loosely(w, pieces)), None)
    bare = "".join(letters)
    return loose or (bare if bare in hostile().words else None)


def _fits_exactly(known: str, masked: str) -> bool:
    return len(known) == len(masked) and all(m in (k, *_MASKS) for k, m in zip(known, masked, strict=True))


def _fits_loosely(known: str, pieces: list[str]) -> bool:
    """Whether the pieces are in the word in order, with at most ``_MAX_GAP`` letters between two."""
    if not known.startswith(pieces[0]) or not known.endswith(pieces[-1]):
        return False
    ends = {len(pieces[0])}
    for piece in pieces[1:]:
        starts = {end + gap for end in ends for gap in range(_MAX_GAP + 1)}
        ends = {start + len(piece) for start in starts if known.startswith(piece, start)}
    return len(known) in ends
