"""Finds stretches of a few words that may be in another language than the rest of a text, by lists of words.

It suggests them only: a detector has to agree, unless a stretch holds an insult.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from moderation.judging.text.languages.foreign_lists import ENGLISH, LISTED, lists
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.splitting import WORD_OF_LETTERS, sentences, words_of_letters
from moderation.judging.text.word_lists import word_list

FEWEST_WORDS = 3
"""Of a stretch, single letters aside."""

LEAST, CLEAR = 0.8, 1.75
"""The weights from which a stretch is suggested, and from which its words alone are good evidence."""

HOME, UNKNOWN, WEAK, TITLE = -1.0, -0.1, 0.25, 0.5
"""The weight of a word of the home language, of one in no list, of one in ``weak.txt``, and of one with a capital
inside a sentence, which may be a name. Other words of a language weigh 1 for it, and 0 once they were said."""

SECOND_SIGN, NO_NAME = 0.75, 7
"""An insult with a capital may be a name: it counts only if other words of its sentence weigh so much for its language,
or if it has so many letters."""

MOST_CHARS = 600
"""A longer sentence is read in pieces of this length."""

_NOT_PROSE = re.compile(r"https?://\S++|www\.\S++|[@#]\w++|\S{1,64}@\S++|(?<!\w)\w++\.\w++/\S*+|(?<!\w)[^\W\d]*+\d\w*+")
_MAY_BE_NO_PROSE = re.compile(r"[@#/\dw](?:(?<=[^w])|ww\.)")  # a sign of these, found much faster
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_LONGEST_TITLE = 6
"""So many words in quotes, the first with a capital, are taken for a title."""


Places = Sequence[tuple[int, int]]
"""``[start, end)`` of each."""


@dataclass(frozen=True, slots=True)
class ForeignStretch:
    """``[start, end)`` of a text, and the languages that its words suggest, the likeliest first, with its weight."""

    start: int
    end: int
    languages: tuple[str, ...]
    weight: float
    is_insult: bool = False


class Word(NamedTuple):
    """A word in lower case, its place, and the sentence's languages other than the home one that it is a word of."""

    text: str
    start: int
    end: int
    languages: tuple[str, ...]
    insulted_in: tuple[str, ...]
    is_home: bool  # or of a loan
    is_capital: bool  # where the sentence has small letters
    weight: float

    def weight_for(self, language: str) -> float:
        return self.weight if language in self.languages else HOME if self.is_home else UNKNOWN


def foreign_stretches(
    text: str, home: str, budget: Budget = UNLIMITED, *, places: Places | None = None
) -> list[ForeignStretch]:
    """In order, at most one by its words for each sentence, and the insults beside it. Raises TooCostly.

    ``home`` is the language of most of the text. If it has no lists, each word counts as unknown. ``places`` are the
    text's sentences, if they are known.
    """
    text = text.replace("\u2019", "'")
    own = lists().own.get(home, frozenset())
    strange = set(words_of_letters(text.lower())) - own
    signs = {word for word in budget.over(strange) if _is_sign(word, home)} if strange else set[str]()
    if not signs:
        return []
    prose = text
    if _MAY_BE_NO_PROSE.search(text):
        prose = _NOT_PROSE.sub(lambda match: " " * len(match.group()), text)
    pieces = budget.over(_pieces(prose, sentences(text) if places is None else places, signs), stride=4)
    stretches = chain.from_iterable(_in_piece(prose, _words(prose, *piece, home), home) for piece in pieces)
    return sorted(stretches, key=lambda stretch: stretch.start)


def _pieces(text: str, places: Places, signs: Set[str]) -> Iterator[tuple[int, int]]:
    """The sentences with any of these words."""
    for start, end in places:
        for at in range(start, end, MOST_CHARS):
            piece = at, min(end, at + MOST_CHARS)
            if not signs.isdisjoint(words_of_letters(text[slice(*piece)].lower())):
                yield piece


def _is_sign(word: str, home: str) -> bool:
    languages, insulted_in = _languages_of(word, home)
    return bool(insulted_in or (languages and word not in word_list("weak")))


def _languages_of(word: str, home: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other languages that the word is of, and those in which it is an insult. A word after an apostrophe counts,
    as in *l'ordure*."""
    known = lists()
    languages, insulted_in = known.languages.get(word, ()), known.insulted_in(word)
    if not languages and "'" in word:
        word = word.rpartition("'")[2]
        languages, insulted_in = known.languages.get(word, ()) if len(word) > 1 else (), known.insulted_in(word)
    if home in insulted_in or word in known.own.get(home, ()):
        insulted_in = ()
    return tuple(code for code in dict.fromkeys((*languages, *insulted_in)) if code != home), insulted_in


def _words(text: str, start: int, end: int, home: str) -> list[Word]:
    """The words of a piece. Those of loans count as words of the home language."""
    own, has_small = lists().own.get(home, frozenset()), not text[start:end].isupper()
    words, said = list[Word](), set[str]()
    for match in WORD_OF_LETTERS.finditer(text, start, end):
        written, word = match.group(), match.group().lower()
        languages, insulted_in = _languages_of(word, home)
        is_home = word in own
        weight = 0.0 if is_home or word in said else WEAK if word in word_list("weak") else 1.0
        if words and written[0].isupper() and not written.isupper() and not insulted_in:
            weight = min(weight, TITLE)
        said.add(word)
        is_capital = has_small and written[0].isupper()
        words.append(Word(word, *match.span(), languages, insulted_in, is_home, is_capital, weight))
    return _without_names(_without_loans(words))


def _without_loans(words: list[Word]) -> list[Word]:
    loans, at = lists().loans, 0
    while at < len(words):
        for phrase in loans.get(words[at].text, ()):
            if tuple(word.text for word in words[at : at + len(phrase)]) == phrase:
                for place in range(at, at + len(phrase)):
                    words[place] = words[place]._replace(languages=(), insulted_in=(), is_home=True)
                at += len(phrase) - 1
                break
        at += 1
    return words


def _without_names(words: list[Word]) -> list[Word]:
    """An insult that may be a name counts as a word with a capital only."""
    weights = defaultdict[str, float](float)
    for word in words:
        for code in word.languages:
            weights[code] += word.weight
    own = {word.text: word.weight for word in reversed(words)}  # the first of equal words has the weight
    for place, word in enumerate(words):
        if word.insulted_in and word.is_capital and len(word.text) < NO_NAME and len(words) > 1:
            beside = max(weights[code] for code in word.insulted_in) - own[word.text]
            if beside < SECOND_SIGN:
                words[place] = word._replace(insulted_in=(), weight=min(word.weight, TITLE))
    return words


def _in_piece(text: str, words: Sequence[Word], home: str) -> Iterator[ForeignStretch]:
    asked = {code for word in words if word.weight == 1.0 or word.insulted_in for code in word.languages}
    best = sorted((_best(words, code) for code in LISTED if code in asked), key=lambda guess: -guess[0])
    taken = set[int]()
    if best and best[0][0] >= LEAST:
        weight, first, last, code = best[0]
        wide = _widened(words, first, last, code)
        first, last = _widened(words, first, last) if home == ENGLISH else wide  # the English list is long
        is_insult = any(code in word.insulted_in for word in words[first:last])
        if sum(len(word.text) > 1 for word in words[first:last]) >= FEWEST_WORDS and (
            is_insult or not _is_title(text, words[slice(*wide)])
        ):
            taken.update(range(first, last))
            languages = tuple(guess[3] for guess in best if guess[0] >= LEAST)
            yield ForeignStretch(words[first].start, words[last - 1].end, languages, weight, is_insult)
    for place, word in enumerate(words):
        if word.insulted_in and place not in taken:
            first, last = _widened(words, place, place + 1)
            taken.update(range(first, last))
            code = next((guess[3] for guess in best if guess[3] in word.insulted_in), word.insulted_in[0])
            yield ForeignStretch(words[first].start, words[last - 1].end, (code,), word.weight, is_insult=True)


def _best(words: Sequence[Word], language: str) -> tuple[float, int, int, str]:
    """The words in a row that weigh most for a language: their weight, the first, and the one after the last."""
    best, sum_, first = (0.0, 0, 0, language), 0.0, 0
    for place, word in enumerate(words):
        if sum_ <= 0:
            sum_, first = 0.0, place
        sum_ += word.weight_for(language)
        if sum_ > best[0]:
            best = (sum_, first, place + 1, language)
    return best


def _widened(words: Sequence[Word], first: int, last: int, language: str | None = None) -> tuple[int, int]:
    """With the words around that are not of the home language, or are of this other one, too."""
    while first > 0 and _may_belong(words[first - 1], language):
        first -= 1
    while last < len(words) and _may_belong(words[last], language):
        last += 1
    return first, last


def _may_belong(word: Word, language: str | None) -> bool:
    return not word.is_home or language in word.languages


def _is_title(text: str, words: Sequence[Word]) -> bool:
    start, end = words[0].start, words[-1].end
    before, after = text[max(0, start - 1) : start], text[end : end + 4].lstrip("!?.,\u2026")[:1]
    is_quoted = bool(before and after) and before in _QUOTES and after in _QUOTES
    return is_quoted and text[start].isupper() and len(words) <= _LONGEST_TITLE
