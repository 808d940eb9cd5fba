"""Finds a site's listed words in a comment: whole words and phrases, through the usual disguises, and never as a part
of a longer innocent word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from moderation.reading_budget import UNLIMITED, Budget
from moderation.text.folding import searched
from moderation.text.listed import Literals, Node, Reading
from moderation.text.splitting import UNSPACED

MAX_PHRASE_GAP = 4  # characters between the words of a phrase
MOST_KEPT = 16_384  # words of which a list remembers whether a phrase may begin with them
LONGEST_KEPT = 40  # characters of such a word

# To readers, vowel signs are part of a word, but Python's \w leaves them out.
_MARKS = (
    r"\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_LETTER = rf"[^\W_]|[{_MARKS}]"
_UNSPACED = re.compile(f"[{UNSPACED}]")
_PLAIN = re.compile(rf"(?:(?!_)[\w{_MARKS}])++")
_WITH_SYMBOLS = re.compile(rf"(?:(?!_)[\w{_MARKS}@$!|])++")
_SYMBOL = re.compile(rf"[@$]|[!|](?:{_LETTER})")  # in a text without it, signs are only punctuation
_SPACED_OUT = re.compile(rf"(?<!\w)(?:{_LETTER})([ .*_-])(?:(?:{_LETTER})\1){{2,}}(?:{_LETTER})(?!\w)")
_NOT_IN_WORDS = re.compile(rf"(?!{_LETTER}|[\s'’@$-]).")
_BREAKS_PHRASE = re.compile(r"[.!?;:\n]")

_SYMBOLS = str.maketrans("@$!|", "asii")
_DIGITS_AS_I = str.maketrans("0134578", "oieastb")
_DIGITS_AS_L = str.maketrans("0134578|!", "oleastbll")


class Token(NamedTuple):
    """One word of a text and its position. ``word`` has no gaps where letters were spaced out."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WordList:
    """A list prepared for search."""

    first: Node
    literals: Literals
    known: dict[str, bool] = field(default_factory=dict)  # words looked up before: most words come again and again

    def may_start(self, word: str) -> bool:
        """Whether a phrase could begin with the word, or with a reading of it."""
        found = self.known.get(word)
        if found is None:
            found = self.first.may_start(_readings(word))
            if len(word) <= LONGEST_KEPT:
                if len(self.known) >= MOST_KEPT:
                    self.known.clear()
                self.known[word] = found
        return found


def find_words(text: str, listed: tuple[str, ...], budget: Budget = UNLIMITED) -> tuple[tuple[int, int], ...]:
    """The positions in ``text`` of each use of a listed word, in order and without overlaps; the longest phrase wins.

    It sees through case, full-width letters, invisible characters, look-alikes, digits and signs in place of letters,
    letters stretched to three or more, and letters spaced out one by one. A ``*`` at the end of an entry allows any
    ending. Raises TooCostly.
    """
    if not listed:
        return ()
    with budget.paused():
        words = _prepared(listed)
    found = {
        copy.origin(start, end)
        for copy in searched(text)
        for places in (_phrases(copy.text, words, budget), words.literals.places(copy.text))
        for start, end in places
    }
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def distinct_words(text: str) -> set[str]:
    """Every word of the text that a search looks up, in the letters in which it does so."""
    found: set[str] = set()
    for copy in searched(text):
        found.update(*(distinct for _, distinct in _distinct_by_cut(copy.text)))
        found.update(map(_joined, _SPACED_OUT.finditer(copy.text)))
    return found


def may_begin(words: Iterable[str], listed: tuple[str, ...]) -> set[str] | None:
    """Those of the ``distinct_words`` with which a use of a listed word can begin. A text without any of them uses no
    listed word. None: the list has signs, or words of scripts without spaces, which are found by no word."""
    prepared = _prepared(listed)
    if prepared.literals.entries:
        return None
    return {word for word in words if prepared.may_start(word)}


def is_searchable(entry: str) -> bool:
    """Whether a search for the entry could find anything: hyphens and invisible characters alone could not be found."""
    return any(re.search(r"[^\s'’-]", copy.text) for copy in searched(entry))


def _phrases(text: str, words: WordList, budget: Budget) -> Iterator[tuple[int, int]]:
    for cut, distinct in _distinct_by_cut(text):
        starting = {word for word in budget.over(distinct) if words.may_start(word)}
        if starting:
            yield from _beginning_with(starting, text, _tokens(cut, text, budget), words, budget)
    for m in budget.over(_SPACED_OUT.finditer(text)):
        token = Token(_joined(m), *m.span())
        yield from _beginning_with({token.word}, text, [token], words, budget)


def _cuts(text: str) -> tuple[re.Pattern[str], ...]:
    return (_PLAIN, _WITH_SYMBOLS) if _SYMBOL.search(text) else (_PLAIN,)


@lru_cache(maxsize=64)
def _distinct_by_cut(text: str) -> tuple[tuple[re.Pattern[str], Set[str]], ...]:
    """Kept because several lists are searched in one text."""
    return tuple((cut, _distinct(cut, text)) for cut in _cuts(text))


def _distinct(cut: re.Pattern[str], text: str) -> set[str]:
    return set(map(_without_punctuation, cut.findall(text)))


def _joined(spaced_out: re.Match[str]) -> str:
    return spaced_out.group()[::2]


def _beginning_with(
    starting: Set[str], text: str, tokens: Sequence[Token], words: WordList, budget: Budget
) -> Iterator[tuple[int, int]]:
    for index, token in enumerate(budget.over(tokens)):
        if token.word in starting:
            for last in _ends(words.first, text, tokens, index):
                yield token.start, last.end


def _ends(node: Node, text: str, tokens: Sequence[Token], index: int) -> Iterator[Token]:
    """The last word of each listed phrase whose word at this node is the token at ``index``."""
    token = tokens[index]
    for reading in _readings(token.word):
        if node.stems.begins(reading):
            yield token
        for word in node.here.equal_to(reading):
            if word in node.ends:
                yield token
            onward = node.onward.get(word)
            if onward and index + 1 < len(tokens) and _holds_together(text, token.end, tokens[index + 1].start):
                yield from _ends(onward, text, tokens, index + 1)


def _holds_together(text: str, start: int, end: int) -> bool:
    return end - start <= MAX_PHRASE_GAP and not _BREAKS_PHRASE.search(text[start:end])


def _tokens(cut: re.Pattern[str], text: str, budget: Budget) -> list[Token]:
    found = ((_without_punctuation(m.group()), m.start()) for m in budget.over(cut.finditer(text)))
    return [Token(word, start, start + len(word)) for word, start in found if word]


def _without_punctuation(word: str) -> str:
    return word.rstrip("!|")


@lru_cache(maxsize=16384)
def _readings(word: str) -> tuple[Reading, ...]:
    """The word itself, and the words that it may be when signs and digits are read as letters."""
    return tuple(map(Reading.of, dict.fromkeys((word, *_decoded(word)))))


def _decoded(word: str) -> Iterator[str]:
    # Digits and signs alone are a number or a price, and B52 or A7 are too short to be anything but themselves.
    if len(word) < 3 or word.isalpha() or not any(c.isalpha() for c in word):
        return
    signs_read = word.translate(_SYMBOLS)
    yield signs_read
    if len(word) > 3:
        yield signs_read.translate(_DIGITS_AS_I)
        yield word.translate(_DIGITS_AS_L).translate(_SYMBOLS)


@lru_cache(maxsize=256)
def _prepared(listed: tuple[str, ...]) -> WordList:
    words = WordList(Node(), Literals())
    for folded in (copy.text for entry in listed for copy in searched(entry.strip())):
        stem = folded.removesuffix("*")
        if not stem:
            continue
        if _is_literal(stem):
            words.literals.add(stem)
        else:
            parts = [m.group().rstrip("!|").translate(_SYMBOLS) for m in _WITH_SYMBOLS.finditer(stem)]
            words.first.add([part for part in parts if part], open_ended=stem != folded)
    words.literals.finish()
    return words


def _is_literal(stem: str) -> bool:
    return bool(_NOT_IN_WORDS.search(stem) or _UNSPACED.search(stem)) or not _PLAIN.search(stem)
