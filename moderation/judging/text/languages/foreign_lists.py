"""The word lists by which stretches in another language are found: words of fifteen languages in Latin letters,
insults, and the loans that are no sign of another language."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain

from moderation.judging.text.lists.shipped_lists import FOLDER, in_language
from moderation.judging.text.splitting import WORD_OF_LETTERS
from moderation.judging.text.word_lists import has_word_list, lines, ordered_words, word_list, word_pairs

ENGLISH = "en"
LISTED = (ENGLISH, "es", "pt", "ro", "tr", "vi", "de", "fr", "it", "nl", "pl", "sv", "no", "da", "fi")
"""The first languages come first where an insult is one in several of them."""

COMMON_WORDS = 2_000
_STROKES = str.maketrans("łŁøđı", "lLodi")

ByWord = Mapping[str, tuple[str, ...]]
"""Languages by word."""


@dataclass(frozen=True, slots=True)
class ForeignLists:
    """The words of all languages. ``stems`` are beginnings of insults."""

    own: Mapping[str, Set[str]]  # words by language
    commonest: Set[str]  # of English
    languages: ByWord  # of insults, too
    insults: ByWord
    stems: ByWord
    stem_lengths: tuple[int, ...]
    loans: Mapping[str, tuple[tuple[str, ...], ...]]  # phrases by their first word, the longest first

    def insulted_in(self, word: str) -> tuple[str, ...]:
        """The languages in which the word is an insult."""
        languages = self.insults.get(word)
        if languages is None:
            starts = (self.stems.get(word[:length]) for length in self.stem_lengths if len(word) >= length)
            languages = next(filter(None, starts), ())
        return languages


@cache  # reading the lists takes 0.19 s, measured
def lists() -> ForeignLists:
    own = {code: _own(code) for code in LISTED}
    insults = {code: _insults(code) - own[ENGLISH] for code in LISTED if code != ENGLISH}
    stems = _by_word({code: {word[:-1] for word in words if word.endswith("*")} for code, words in insults.items()})
    whole = {code: {word for word in words if not word.endswith("*")} for code, words in insults.items()}
    every = {code: {w for w in words if len(w) > 1} | whole.get(code, frozenset()) for code, words in own.items()}
    return ForeignLists(
        own=own,
        commonest=frozenset(ordered_words(f"common/{ENGLISH}")[:COMMON_WORDS]) | word_list(f"function/{ENGLISH}"),
        languages=_by_word(every),
        insults=_by_word(whole),
        stems=stems,
        stem_lengths=tuple(sorted(set(map(len, stems)))),
        loans=_loans(),
    )


def _own(code: str) -> frozenset[str]:
    """As they are written, and without accents, as many readers write them."""
    names = (f"common/{code}", f"function/{code}")
    written = frozenset[str]().union(*(word_list(name) for name in names if has_word_list(name)))
    return written | {without_accents(word) for word in written if not word.isascii()}


def without_accents(word: str) -> str:
    """The word in the letters of English, as far as these have accents and strokes."""
    letters = unicodedata.normalize("NFD", word.translate(_STROKES))
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c)))


def _insults(code: str) -> frozenset[str]:
    """Single words of the shipped lists, and some more."""
    shipped = chain.from_iterable(in_language(code).values()) if (FOLDER / f"{code}.txt").is_file() else ()
    more = word_pairs("insults").get(code, "").split()
    return frozenset({entry for entry in shipped if WORD_OF_LETTERS.fullmatch(entry.removesuffix("*"))}.union(more))


def _loans() -> dict[str, tuple[tuple[str, ...], ...]]:
    by_first = defaultdict[str, list[tuple[str, ...]]](list)
    for phrase in sorted((tuple(WORD_OF_LETTERS.findall(line)) for line in lines("loans")), key=len, reverse=True):
        by_first[phrase[0]].append(phrase)
    return {first: tuple(phrases) for first, phrases in by_first.items()}


def _by_word(words: Mapping[str, Set[str]]) -> dict[str, tuple[str, ...]]:
    by_word = defaultdict[str, list[str]](list)
    for code, own in words.items():
        for word in own:
            by_word[word].append(code)
    shared = {codes: codes for codes in map(tuple, by_word.values())}  # a few tuples for thousands of words
    return {word: shared[tuple(codes)] for word, codes in by_word.items()}
