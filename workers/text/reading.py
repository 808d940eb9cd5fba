"""Read plain text as a person would: fold look-alike characters, guess disguised words, cut into sentences.

Every step keeps where each character came from, so that a span of the copy can be shown in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import disarm

from workers.text.disguises import Replacement, guess_words, hostile_places, picture_name, pictures


@dataclass(frozen=True, slots=True)
class Copy:
    """A rewritten text. Character ``i`` of it stands for ``[starts[i], ends[i])`` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Copy:
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where the stretch ``[start, end)`` of the copy lies in the original; it must not be empty."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def replaced(self, replacements: Iterable[Replacement]) -> Copy:
        """A further copy; each new character of a replacement stands for the whole stretch that it replaces."""
        text, starts, ends, at = [], list[int](), list[int](), 0
        for new in sorted(replacements, key=lambda r: r.start):
            text += [self.text[at : new.start], new.text]
            start, end = self.origin(new.start, new.end)
            starts += [*self.starts[at : new.start], *[start] * len(new.text)]
            ends += [*self.ends[at : new.start], *[end] * len(new.text)]
            at = new.end
        return Copy("".join([*text, self.text[at:]]), (*starts, *self.starts[at:]), (*ends, *self.ends[at:]))


@dataclass(frozen=True, slots=True)
class Reading:
    """One comment as it is scored. ``folded`` always reads as the original does; ``guessed`` may be wrong.

    ``guessed`` is None where no word looks disguised, so most comments are scored once.
    """

    folded: Copy
    guessed: Copy | None

    @property
    def copies(self) -> tuple[Copy, ...]:
        return (self.folded,) if self.guessed is None else (self.folded, self.guessed)


def read(text: str) -> Reading:
    """The folded copy, and a second one with disguised words guessed where that changes any word."""
    folded = fold(text)
    replacements = guess_words(folded.text)
    return Reading(folded, folded.replaced(replacements) if replacements else None)


MAX_NAMED = 200
"""A name takes some six tokens: twenty thousand of them would hold up a worker for a minute."""


def with_pictures_named(copy: Copy) -> Copy:
    """The copy with the name of each emoji in its place, for weights whose vocabulary takes all of them for one sign.

    Of the same emoji many times in a row only the first is named, and beyond ``MAX_NAMED`` none is.
    """
    new, last, last_end, left = list[Replacement](), "", -1, MAX_NAMED
    for start, end, picture in pictures(copy.text):
        repeated = picture == last and not copy.text[last_end:start].strip()
        if repeated or left:
            new.append(Replacement(start, end, " " if repeated else f" {picture_name(picture)} "))
            left -= not repeated
        last, last_end = picture, end
    return copy.replaced(new) if new else copy


MAX_WORD = 60
"""Letters. A tokenizer takes a word of more than a hundred for one unknown sign, and so would not read it at all."""

_LONG_WORD = re.compile(rf"[^\W_]{{{MAX_WORD + 1},}}")


def with_long_words_cut(copy: Copy) -> Copy:
    """The copy with space in words that nobody writes: around hostile words, else every ``MAX_WORD`` letters."""
    cuts = (at for word in _LONG_WORD.finditer(copy.text) for at in _cuts(*word.span(), copy.text))
    return copy.replaced([Replacement(at - 1, at, f"{copy.text[at - 1]} ") for at in cuts])


def _cuts(start: int, end: int, text: str) -> list[int]:
    found = {start + at for word in hostile_places(text[start:end]) for at in word} - {start, end}
    edges = [start, *sorted(found), end]
    return sorted(found | {at for a, b in pairwise(edges) for at in range(a + MAX_WORD, b, MAX_WORD)})


def fold(text: str) -> Copy:
    """A copy with invisible characters gone, stacked accents dropped and look-alike letters in plain Latin."""
    if text.isascii():
        return Copy.of(text)
    copy = _folded_characters(text)
    return copy.replaced(_look_alikes(copy.text))


_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_JOINER = "\u200d"  # holds emoji together, and letters of Indic and Arabic words
_CLUSTER = re.compile(r"[^\W\d_][\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")


def _folded_characters(text: str) -> Copy:
    pieces, starts, ends = list[str](), list[int](), list[int]()
    at, base = 0, -1  # base: the last character that marks are drawn upon
    while at < len(text):
        cluster = _CLUSTER.match(text, at)
        end = cluster.end() if cluster else at + 1
        piece = _without_stack(cluster.group()) if cluster else _folded_character(text, at)
        pieces.append(piece)
        starts += [at] * len(piece)
        ends += [end] * len(piece)
        if not _is_mark(text[at]):
            base = len(ends) - 1
        elif base >= 0:
            ends[base] = end
        at = end
    return Copy("".join(pieces), tuple(starts), tuple(ends))


def _without_stack(cluster: str) -> str:
    """A letter with its accents where they make one character; the bare letter where they are only piled up."""
    composed = unicodedata.normalize("NFKC", cluster)
    return composed if len(composed) == 1 else unicodedata.normalize("NFKC", cluster[0])


def _folded_character(text: str, at: int) -> str:
    character = text[at]
    if character.isascii():
        return character
    if character == _JOINER:
        before = text[at - 1] if at else ""
        return "" if before.isascii() or _is_latin(before) else character
    return _plain(character)


def _is_mark(character: str) -> bool:
    """Whether it is drawn upon the character before it, or says how that is drawn."""
    return not character.isascii() and unicodedata.category(character).startswith("M")


def _is_variation(character: str) -> bool:
    """Whether it says how the character before it is drawn, as an emoji for instance."""
    return "\ufe00" <= character <= "\ufe0f"


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character in _INVISIBLE or _is_variation(character):
        return ""
    if category == "Zs":
        return " "
    plain = unicodedata.normalize("NFKC", character)
    if category == "So" and not plain.isalpha() and len(look_alike(character)) == 1:
        return look_alike(character)  # letters in boxes
    return plain


@lru_cache(maxsize=8192)
def look_alike(character: str) -> str:
    """The Latin letter that a character is drawn like, by Unicode's table of confusables; else the character."""
    return str(disarm.normalize_confusables(character))


_WORD = re.compile(r"[^\W_]+")


def _look_alikes(text: str) -> list[Replacement]:
    """Words in look-alike letters, in a text that is otherwise Latin or words that mix alphabets.

    A wholly Cyrillic or Greek text is a language, not a disguise, and is left alone.
    """
    letters = [c for c in text if c.isalpha()]
    mostly_latin = 2 * sum(map(_is_latin, letters)) > len(letters)
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() or not (mostly_latin or any(c.isascii() and c.isalpha() for c in word)):
            continue
        plain = "".join(c if c.isascii() or _accented_latin(c) else look_alike(c) for c in word)
        if plain != word and all(_is_latin(c) or c.isdigit() for c in plain):
            found += [Replacement(match.start() + i, match.start() + i + 1, p) for i, p in _changes(word)]
    return found


def _changes(word: str) -> list[tuple[int, str]]:
    folded = [c if c.isascii() or _accented_latin(c) else look_alike(c) for c in word]
    return [(i, new) for i, (old, new) in enumerate(zip(word, folded, strict=True)) if new != old]


@lru_cache(maxsize=8192)
def _is_latin(character: str) -> bool:
    return (character.isascii() and character.isalpha()) or _accented_latin(character)


@lru_cache(maxsize=8192)
def _accented_latin(character: str) -> bool:
    """Letters of written languages, such as é, ł or ß: not letters that merely look Latin, such as small capitals."""
    return ("\u00c0" <= character <= "\u024f" and character.isalpha()) or "\u1e00" <= character <= "\u1eff"


_SENTENCE_END = re.compile(r"(?:[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s)|[\u3002\uff01\uff1f\u0964\u061f]+|\n+)\s*")
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|no|prof|gen|sen|rep|gov|u\.s|u\.k)|\b[A-Z])\.$", re.IGNORECASE
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Stretches that cover the whole text, each a sentence with the space after it."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        abbreviated = "\n" not in end.group() and _ABBREVIATIONS.search(text[start : end.start() + 1])
        if not abbreviated and text[start : end.end()].strip():
            found.append((start, end.end()))
            start = end.end()
    if start < len(text):
        found.append((start, len(text)))
    return found


def words(text: str) -> list[tuple[int, int]]:
    """Stretches of letters and digits, apostrophes and hyphens inside them included."""
    return [match.span() for match in re.finditer(r"[^\W_]+(?:['\u2019\-][^\W_]+)*", text)]


def words_of(copy: Copy, start: int, end: int) -> list[tuple[int, int]]:
    """The words of a stretch, counted from its start.

    Those that stand for the same place of the original, as all words of an emoji's name do, are one.
    """
    found, told = list[tuple[int, int]](), 0  # how far the original is told
    for begin, stop in words(copy.text[start:end]):
        first, last = copy.origin(start + begin, start + stop)
        if found and first < told:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((begin, stop))
        told = last
    return found
