"""Guess what a disguised word meant: leet, masked, spaced-out, stretched, doubled or missing letters.

A guess is made only where it gives a word of ``words/disguised.txt``, so ordinary words are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import emoji

from workers.text.word_lists import word_list, word_pairs


@dataclass(frozen=True, slots=True)
class Replacement:
    """New text for the stretch ``[start, end)`` of an old one."""

    start: int
    end: int
    text: str


def guess_words(text: str) -> list[Replacement]:
    """Replacements that do not overlap, in order of their place; empty where nothing looks disguised."""
    taken: list[Replacement] = []
    for guess in (*_spaced_out(text), *_single_words(text), *_emoji(text)):
        if all(guess.end <= other.start or guess.start >= other.end for other in taken):
            taken.append(guess)
    return sorted(taken, key=lambda r: r.start)


def hostile_words() -> frozenset[str]:
    """The words that a guess may give."""
    return word_list("disguised")


def hostile_places(run: str) -> Iterator[tuple[int, int]]:
    """Where hostile words of four letters or more stand in letters that run together; the longest wins."""
    return (found.span() for found in _any_hostile_word().finditer(run))


@lru_cache(maxsize=1)
def _any_hostile_word() -> re.Pattern[str]:
    longest_first = sorted((w for w in hostile_words() if len(w) >= 4), key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


_LEET = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "(": "c", "\u20ac": "e", "\u00a3": "l", "\u00a1": "i",
}  # fmt: skip
_MASKS = "*#@%_\u2022\u25cf\u00d7-"
_TOKEN = re.compile(r"[^\s.,;:?\"\u201c\u201d<>\[\]{}/\\]+")
_ORDINARY_NUMBER = re.compile(
    r"[#$\u00a3\u20ac]?\d+(?:[.,]\d+)*(?:st|nd|rd|th|s|k|m|bn|km|kg|mm|cm|am|pm|g|x|p|%)?!*$", re.IGNORECASE
)


def _single_words(text: str) -> Iterator[Replacement]:
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.isalpha() or any(c.isalpha() for c in token):
            start, core = _core(token)
            guess = _guess(core.lower())
            if guess and guess != core.lower():
                yield Replacement(match.start() + start, match.start() + start + len(core), guess)


def _core(token: str) -> tuple[int, str]:
    """The token without what stands around words in ordinary writing, and where it starts."""
    stripped = token.lstrip("'\u2018\u2019(-*_~")
    return len(token) - len(stripped), stripped.rstrip("'\u2018\u2019)-*_~!")


@lru_cache(maxsize=16384)
def _guess(word: str) -> str | None:
    if not 3 <= len(word) <= 40 or word in hostile_words():
        return None
    if word.isalpha():
        respelled = _respelled().get(word) or _respelled().get(_shortened(word))
        return _squeezed(word) or respelled or _without_accents(word)
    if _ORDINARY_NUMBER.match(word) or "'" in word or "\u2019" in word:
        return None
    return _from_leet(word) or _from_masks(word)


def _from_leet(word: str) -> str | None:
    choices = [_LEET.get(c, c) for c in word]
    if not all(c.isalpha() for choice in choices for c in choice) or _trails_into_number(word):
        return None
    for letters in product(*choices):
        plain = "".join(letters)
        known = plain if plain in hostile_words() else _squeezed(plain) or _respelled().get(plain)
        if known:
            return known
    return None


def _trails_into_number(word: str) -> bool:
    """``covid19`` and ``g20`` end in a number; ``sh1t`` and ``a55`` do not read as one."""
    return bool(re.fullmatch(r"[a-z]{1,}\d{2,}", word)) and word not in ("a55", "b00b", "a22")


def _squeezed(word: str) -> str | None:
    """The hostile word of which some letters were repeated: ``stuuupid``, ``iddiot``."""
    skeleton = _skeleton(word)
    return _by_skeleton().get(skeleton) if skeleton != word and word not in word_list("not_disguised") else None


def _shortened(word: str) -> str:
    """Letters repeated three times or more, written twice."""
    return re.sub(r"(.)\1{2,}", r"\1\1", word)


def _without_accents(word: str) -> str | None:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c.isascii())
    return bare if bare != word and bare in hostile_words() else None


def _skeleton(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


@lru_cache(maxsize=1)
def _by_skeleton() -> dict[str, str]:
    """Skeletons of words long enough that a doubled letter cannot be another word's."""
    found: dict[str, str] = {}
    for word in sorted(hostile_words(), key=len):
        if len(word) >= 4:
            found.setdefault(_skeleton(word), word)
    return found


@lru_cache(maxsize=1)
def _respelled() -> dict[str, str]:
    """Usual respellings, and hostile words with an inner letter missing or two swapped where that is no other word."""
    found = word_pairs("respelled")
    for word in sorted(hostile_words(), key=len):
        if len(word) < 5:
            continue
        for slip in _slips(word):
            if slip not in hostile_words() and slip not in word_list("not_disguised"):
                found.setdefault(slip, word)
    return found


def _slips(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _from_masks(word: str) -> str | None:
    """``f**k``, ``id*ot``: each mask stands for one letter, or a run of them for any few."""
    letters = [c for c in word if c.isalpha()]
    if not letters or not word[0].isalpha() or any(c not in _MASKS for c in word if not c.isalpha()):
        return None
    if "-" in word and not re.search(r"-{2,}", word):
        return None
    exact = re.compile("".join("[a-z]" if c in _MASKS else c for c in word))
    loose = re.compile(re.sub(f"[{re.escape(_MASKS)}]+", "[a-z]{0,4}", word))
    choices = _by_initial().get(word[0], ()) if len(letters) >= 2 else _MASKED_MOST
    for pattern in (exact, loose) if len(letters) >= 2 else (exact,):
        fits = [w for w in choices if pattern.fullmatch(w)]
        if fits:
            return fits[0]
    bare = "".join(letters)
    return bare if bare in hostile_words() else None


_MASKED_MOST = (
    "fuck",
    "fucking",
    "fucked",
    "fucker",
    "shit",
    "bitch",
    "cunt",
    "ass",
    "asshole",
    "dick",
    "nigger",
    "faggot",
)


@lru_cache(maxsize=1)
def _by_initial() -> dict[str, tuple[str, ...]]:
    """Hostile words by first letter, those that are masked most in front."""
    ranked = [*_MASKED_MOST, *sorted(hostile_words() - set(_MASKED_MOST))]
    return {initial: tuple(w for w in ranked if w[0] == initial) for initial in {w[0] for w in ranked}}


_PICTURES = "\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_GAPS = rf" .\-_*~|,/\u00b7{_PICTURES}"
_LETTER = r"(?:[^\W_]|[@$!])"
_SPACED = re.compile(rf"(?<![^\s\"'(\[{_PICTURES}]){_LETTER}(?:[{_GAPS}]{{1,2}}{_LETTER}(?![^\W_])){{2,}}")
_GAP = re.compile(rf"[{_GAPS}]")


def _spaced_out(text: str) -> Iterator[Replacement]:
    """``i d i o t`` and ``s.t.u.p.i.d``: single letters with gaps between them, read as known words."""
    for match in _SPACED.finditer(text):
        letters = "".join(_LEET.get(c, c)[0] for c in _GAP.sub("", match.group()).lower())
        read = _split_into_words(letters)
        hostile = [word for word in read if word in hostile_words() and len(word) > 2]
        unknown = [word for word in read if word not in hostile_words() and word not in word_list("small")]
        if hostile and 2 * len("".join(unknown)) <= len(letters) and all(len(word) >= 4 for word in unknown):
            yield Replacement(match.start(), match.end(), " ".join(read))


_UNKNOWN_WORD_COST = 3


def _split_into_words(letters: str) -> tuple[str, ...]:
    """The letters cut into the fewest words, where an unknown one costs as much as several known ones."""
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for end in range(1, len(letters) + 1):
        options = []
        for start in range(max(0, end - 16), end):
            word = letters[start:end]
            known = word in hostile_words() or word in word_list("small")
            cost, before = best[start]
            options.append((cost + (1 if known else _UNKNOWN_WORD_COST + len(word)), (*before, word)))
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


_TELLING_EMOJI = {
    "\U0001f595": "fuck you", "\U0001f921": "clown", "\U0001f412": "monkey", "\U0001f435": "monkey",
    "\U0001f98d": "gorilla", "\U0001f437": "pig", "\U0001f416": "pig", "\U0001f400": "rat", "\U0001f401": "rat",
    "\U0001f40d": "snake", "\U0001fab3": "cockroach", "\U0001f415": "dog", "\U0001f436": "dog", "\U0001f4a9": "shit",
    "\U0001f5d1": "trash", "\U0001f92e": "disgusting", "\U0001f922": "disgusting", "\U0001f52a": "knife",
    "\U0001f5e1": "knife", "\U0001f52b": "gun", "\U0001f4a3": "bomb", "\u2620": "death",
    "\u26b0": "coffin",
}  # fmt: skip
"""Emoji that stand for an insult or a weapon, by the word that a guess puts in their place."""


def _emoji(text: str) -> Iterator[Replacement]:
    for start, end, picture in pictures(text):
        meaning = _TELLING_EMOJI.get(picture[0])
        if meaning:
            yield Replacement(start, end, f" {meaning} ")


def pictures(text: str) -> Iterator[tuple[int, int, str]]:
    """Every emoji with its place."""
    if not text.isascii():
        for found in emoji.emoji_list(text):
            yield found["match_start"], found["match_end"], found["emoji"]


def picture_name(picture: str) -> str:
    """What Unicode calls an emoji in English, as plain words: ``face with tears of joy``."""
    return emoji.demojize(picture).strip(":").replace("_", " ")
