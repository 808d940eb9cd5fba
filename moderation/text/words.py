"""Finds a site's listed words in a comment: whole words and phrases, through the usual disguises, never a stretch of
some longer innocent word."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from moderation.text.folding import Folded, fold

MAX_PHRASE_GAP = 4  # characters between the words of a phrase
MAX_STRETCHES = 6  # stretched letters in one word that are tried as single and as double

# Vowel signs are part of a word to their readers, yet Python's \w leaves them out.
_MARKS = (
    r"\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_LETTER = rf"[^\W_]|[{_MARKS}]"
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_PLAIN = re.compile(rf"(?:{_LETTER})+")
_WITH_SYMBOLS = re.compile(rf"(?:{_LETTER}|[@$!|])+(?<![!|])")
_SPACED_OUT = re.compile(rf"(?<!\w)(?:{_LETTER})([ .*_-])(?:(?:{_LETTER})\1){{2,}}(?:{_LETTER})(?!\w)")
_NOT_IN_WORDS = re.compile(rf"(?!{_LETTER}|[\s'’@$-]).")
_BREAKS_PHRASE = re.compile(r"[.!?;:\n]")
_STRETCH = re.compile(r"(.)\1{2,}")
_MIXED_SCRIPT = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")

_SYMBOLS = str.maketrans("@$!|", "asii")
_DIGITS_AS_I = str.maketrans("0134578", "oieastb")
_DIGITS_AS_L = str.maketrans("0134578|!", "oleastbll")
_LOOKALIKES = str.maketrans("асеікорѕтухнмвαοειυρτκν", "aceikopstyxhmbaoeiuptkv")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text, its readings under the disguises we know, and its place in the folded text."""

    readings: tuple[str, ...]
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """The words that may stand at one place of a listed phrase: a comment costs its own length and not the list's."""

    whole: set[str] = field(default_factory=set)  # here a phrase ends
    stems: set[str] = field(default_factory=set)  # here one ends with *
    stem_lengths: set[int] = field(default_factory=set)
    onward: dict[str, Node] = field(default_factory=dict)  # here one goes on

    def add(self, words: Sequence[str], *, open_ended: bool) -> None:
        first, *rest = words
        if rest:
            self.onward.setdefault(first, Node()).add(rest, open_ended=open_ended)
        elif open_ended:
            self.stems.add(first)
            self.stem_lengths.add(len(first))
        else:
            self.whole.add(first)

    def ends_with(self, reading: str) -> bool:
        return reading in self.whole or any(reading[:length] in self.stems for length in self.stem_lengths)


@dataclass(frozen=True, slots=True)
class WordList:
    """A list made ready for search."""

    first: Node
    literals: re.Pattern[str] | None  # signs, and scripts that put no space between words


def find_words(text: str, listed: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Spans in ``text`` of each use of a listed word, in order and without overlaps; the longest phrase wins.

    Case, full-width letters, invisible characters, look-alikes, digits and signs for letters, letters stretched to
    three or more and letters spaced out one by one are seen through. A ``*`` at an entry's end stands for any ending.
    """
    if not listed:
        return ()
    words, folded = _prepared(listed), fold(text)
    found = {*_phrases(folded, words), *_literals(folded, words)}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(folded.span(start, end) for start, end in kept)


def is_searchable(entry: str) -> bool:
    """Whether the entry of a list could be found in any comment: hyphens and invisible characters alone could not."""
    return re.search(r"[^\s'’-]", fold(entry).text) is not None


def _literals(folded: Folded, words: WordList) -> Iterator[tuple[int, int]]:
    return (m.span() for m in words.literals.finditer(folded.text)) if words.literals else iter(())


def _phrases(folded: Folded, words: WordList) -> Iterator[tuple[int, int]]:
    for tokens in _tokenisations(folded.text):
        for index, token in enumerate(tokens):
            for last in _ends(words.first, folded.text, tokens, index):
                yield token.start, last.end


def _ends(node: Node, text: str, tokens: Sequence[Token], index: int) -> Iterator[Token]:
    """The last word of each listed phrase whose word at this node is the token at ``index``."""
    token = tokens[index]
    for reading in token.readings:
        if node.ends_with(reading):
            yield token
        onward = node.onward.get(reading)
        if onward and index + 1 < len(tokens) and _holds_together(text[token.end : tokens[index + 1].start]):
            yield from _ends(onward, text, tokens, index + 1)


def _holds_together(gap: str) -> bool:
    return len(gap) <= MAX_PHRASE_GAP and not _BREAKS_PHRASE.search(gap)


def _tokenisations(text: str) -> Iterator[list[Token]]:
    """The text cut into words in each way that could show a listed one."""
    yield [Token(_readings(m.group()), *m.span()) for m in _PLAIN.finditer(text)]
    if re.search("[@$!|]", text):
        yield [Token(_readings(m.group()), *m.span()) for m in _WITH_SYMBOLS.finditer(text)]
    for m in _SPACED_OUT.finditer(text):
        yield [Token(_readings(m.group()[::2]), *m.span())]


def _readings(word: str) -> tuple[str, ...]:
    """What a word may stand for: itself, and itself without its disguises."""
    readings = {word}
    if _MIXED_SCRIPT.search(word):
        readings.add(word.translate(_LOOKALIKES))
    if len(word) > 2 and not word.isalpha():
        readings |= {decoded for reading in readings for decoded in _decoded(reading)}
    return tuple(unstretched for reading in sorted(readings) for unstretched in _unstretched(reading))


def _decoded(word: str) -> Iterator[str]:
    # A word of digits and signs alone is a number or a price, and B52 or A7 are too short to be anything else.
    if not any(c.isalpha() for c in word):
        return
    signs_read = word.translate(_SYMBOLS)
    yield signs_read
    if len(word) > 3:
        yield signs_read.translate(_DIGITS_AS_I)
        yield word.translate(_DIGITS_AS_L).translate(_SYMBOLS)


def _unstretched(word: str) -> Iterator[str]:
    """The word with each letter that stands three times or more taken as one and as two: no English word has three."""
    yield word
    pieces = _STRETCH.split(word)  # text, letter, text, letter, …, text
    letters = pieces[1::2]
    if not letters:
        return
    lengths = itertools.product((1, 2), repeat=len(letters)) if len(letters) <= MAX_STRETCHES else [(1,) * len(letters)]
    for chosen in lengths:
        pieces[1::2] = [letter[0] * length for letter, length in zip(letters, chosen, strict=True)]
        yield "".join(pieces)


@lru_cache(maxsize=256)
def _prepared(listed: tuple[str, ...]) -> WordList:
    first = Node()
    literals: list[str] = []
    for entry in listed:
        folded = fold(entry.strip()).text
        stem = folded.removesuffix("*")
        if _is_literal(stem):
            literals.append(stem)
        else:
            first.add([word.translate(_SYMBOLS) for word in _WITH_SYMBOLS.findall(stem)], open_ended=stem != folded)
    longest_first = sorted(literals, key=len, reverse=True)
    return WordList(first, re.compile("|".join(map(re.escape, longest_first))) if literals else None)


def _is_literal(stem: str) -> bool:
    return bool(_NOT_IN_WORDS.search(stem) or _UNSPACED.search(stem)) or not _PLAIN.search(stem)
