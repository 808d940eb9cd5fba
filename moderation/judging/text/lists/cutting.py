"""Cuts a text into the words by which lists are searched, once for all lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from typing import NamedTuple

from moderation.judging.text.rewritten_text import Copy

# To readers, vowel signs are part of a word, but Python's \w leaves them out.
_MARKS = (
    r"\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
LETTER = rf"[^\W_]|[{_MARKS}]"
PLAIN = re.compile(rf"(?:(?!_)[\w{_MARKS}])++")
WITH_SYMBOLS = re.compile(rf"(?:(?!_)[\w{_MARKS}@$!|])++")
_PLAIN_ASCII, _WITH_SYMBOLS_ASCII = re.compile("[A-Za-z0-9]++"), re.compile("[A-Za-z0-9@$!|]++")  # the same, faster
_SYMBOL = re.compile(rf"[@$!|](?:(?<=[@$])|{LETTER})")  # in a text without it, signs are only punctuation
_SPACED_OUT = re.compile(rf"(?<!\w)(?:{LETTER})([ .*_-])(?:(?:{LETTER})\1){{2,}}(?:{LETTER})(?!\w)")
SHORTEST_SPACED = 4  # letters of a word that is read so
_MAY_BE_SPACED_OUT = re.compile(rf"([ .*_-])(?:{LETTER})\1(?:{LETTER})\1")  # its middle, which is faster to look for


class CutWords(NamedTuple):
    """Words of a text in order, without gaps where letters were spaced out, and where they are in the text."""

    words: Sequence[str]
    places: Sequence[tuple[int, int]]


SpacedOut = tuple[tuple[str, tuple[int, int]], ...]
"""Words whose letters are spaced out one by one, each with its place."""


class Cut(NamedTuple):
    """The distinct words of a text, and the words with their places, which are looked for only if a phrase may begin
    with one of them: in most texts none does."""

    distinct: Set[str]
    words: Callable[[], CutWords]


class CutCopy(NamedTuple):
    """A copy of a text with its words."""

    copy: Copy
    cuts: tuple[Cut, ...]
    spaced_out: SpacedOut


Searchable = tuple[CutCopy, ...]
"""A text as lists are searched in it: cut once for all lists."""


def cut(copy: Copy) -> CutCopy:
    """A copy of ``letters.folding.searched`` as all lists are searched in it."""
    return CutCopy(copy, *_cut(copy.text))


def _cut(text: str) -> tuple[tuple[Cut, ...], SpacedOut]:
    """The text's words, and again with signs as letters if there are such signs; and the words whose letters are spaced
    out one by one."""
    plain, with_symbols = (_PLAIN_ASCII, _WITH_SYMBOLS_ASCII) if text.isascii() else (PLAIN, WITH_SYMBOLS)
    cut = Cut(frozenset(plain.findall(text)), partial(_plain_words, plain, text))
    if not _SYMBOL.search(text):
        return (cut,), _spaced_out(text)
    with_signs = _words_with_signs(with_symbols, text)
    return (cut, Cut(frozenset(with_signs.words), lambda: with_signs)), _spaced_out(text)


def _plain_words(pattern: re.Pattern[str], text: str) -> CutWords:
    return words_at([(m.group(), m.span()) for m in pattern.finditer(text)])


def _words_with_signs(pattern: re.Pattern[str], text: str) -> CutWords:
    matches = ((m.group().rstrip("!|"), m.start()) for m in pattern.finditer(text))
    return words_at([(word, (start, start + len(word))) for word, start in matches if word])


def _spaced_out(text: str) -> SpacedOut:
    if not _MAY_BE_SPACED_OUT.search(text):
        return ()
    return tuple(word for m in _SPACED_OUT.finditer(text) for word in _without_small_words(m.group()[::2], *m.span()))


def _without_small_words(word: str, start: int, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The word, and what is left without a word of one letter before or behind it: *a f o o l*, *f o o l u*."""
    yield word, (start, end)
    if len(word) > SHORTEST_SPACED and word[0] in "aiu":
        yield word[1:], (start + 2, end)
    if len(word) > SHORTEST_SPACED and word[-1] in "iu":
        yield word[:-1], (start, end - 2)


def words_at(words: Sequence[tuple[str, tuple[int, int]]]) -> CutWords:
    return CutWords([word for word, _ in words], [place for _, place in words])
