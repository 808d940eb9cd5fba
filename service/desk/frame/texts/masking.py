"""The words of a comment that the desk hides until somebody asks for them: slurs and vulgar words, by lists alone.

A model's marks stay visible: a mark points to words, and a moderator has to read them. The lists
are those that come with Gavel and, for the eyes only, longer ones: one file for each language in ``words/``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from operator import itemgetter
from pathlib import Path

from moderation.ground.values.signals import Span
from moderation.judging.text.lists.shipped_lists import entries
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.splitting import sentences, words_of_letters
from moderation.judging.text.word_lists import has_word_list, sections, word_list
from service.desk.frame.texts import respelled, starred

WORDS = Path(__file__).parent / "words"
ENGLISH = "en"

_ENTRY = re.compile(r'"([^"]+)"|(\S+)')
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:\n])[^\w\n]*\Z")
_NAMES_NO_ONE = re.compile(
    r"(?<!\w)(?:a|an|you|these|those|all|such|what|fucking|little|stupid|dirty|filthy|bloody|damn|total|complete|utter"
    r"|absolute|du|ein|eine|un|une|una|tu)\W*\Z",
    re.IGNORECASE,
)
_GOES_ON_AS_NAME = re.compile(
    r"\W*(?:[A-Z\u00c0-\u00de]|['’]s\b|(?:van|von|de|du|der|la|le|di|da|and|is|was|said|says|has|had|won|led|wrote|died"
    r"|lived|played|will)\b)"
)
_MEANS_SOMEBODY = re.compile(
    r"(?<!\w)(?:you|your|ya|ur|yo|my|kiss|lick|suck|eat|fucking|stupid|dumb|total|complete|utter|absolute|such\s+an?"
    r"|what\s+an?)\W+\Z",
    re.IGNORECASE,
)
_NEAR = 24  # characters in which the word before a name, or the end of a sentence, is looked for


Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lists:
    """One file of ``words/``, by its sections."""

    anywhere: tuple[str, ...] = ()  # in no other language, and no name
    own: tuple[str, ...] = ()  # only in sentences of this language
    names: tuple[str, ...] = ()  # the same, and a name where it is written as one
    innocent: tuple[str, ...] = ()  # phrases in which such a word is none
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)  # words that are none in a sentence with these


NO_LISTS = Lists()


def hidden(text: str, budget: Budget) -> list[Span]:
    """The stretches to hide, in order and apart: listed words, also in disguise, outside innocent phrases. Raises
    TooCostly."""
    reading = Reading(text, budget)
    with budget.paused():  # other texts use them, too
        lists = known()
    innocent = reading.uses_of(lists.innocent)
    uses = {
        *reading.uses_of(lists.anywhere),
        *_own_words(reading),
        *starred.places(reading.searched, lists.single, budget),
    }
    guilty = [use for use in uses if _around(use, innocent) is None]
    guilty = list(_without_homographs(reading, guilty))
    spans: list[Span] = []
    for start, end in sorted(guilty, key=lambda place: (place[0], -place[1])):
        if not spans or start >= spans[-1].end:
            spans.append(Span(start, end))
    return spans


def _without_homographs(reading: Reading, uses: Sequence[Place]) -> Iterator[Place]:
    """The uses without those of words such as *cock* and *ass* in a sentence about hens or donkeys."""
    text, beside = reading.text, known().beside
    doubtful = [use for use in uses if text[slice(*use)].lower() in beside]
    yield from (use for use in uses if text[slice(*use)].lower() not in beside)
    if not doubtful:
        return
    places = sentences(text)
    words: dict[Place, frozenset[str]] = {}
    for use in reading.budget.over(doubtful):
        sentence = _around(use, places) or use
        if sentence not in words:
            words[sentence] = frozenset(words_of_letters(text[slice(*sentence)].lower()))
        told = beside[text[slice(*use)].lower()]
        if told.isdisjoint(words[sentence]) or _MEANS_SOMEBODY.search(text[max(0, use[0] - _NEAR) : use[0]]):
            yield use


def _own_words(reading: Reading) -> Iterator[Place]:
    """The words of one language in its sentences."""
    text, budget = reading.text, reading.budget
    places = sentences(text)
    whole = _languages_of(text)
    spoken = {place: _languages_of(text[slice(*place)]) or whole or (ENGLISH,) for place in budget.over(places)}
    for language in {code for languages in spoken.values() for code in languages}:
        listed = known().by_language.get(language, NO_LISTS)
        named = (use for use in budget.over(reading.uses_of(listed.names)) if not _is_name(text, use))
        for use in (*reading.uses_of(listed.own), *named):
            sentence = _around(use, places)
            if sentence is not None and language in spoken[sentence]:
                yield use


def _languages_of(text: str) -> tuple[str, ...]:
    """The languages with most small words in the text: English alone if it is one of them. Empty if it has none."""
    small = known().small
    counts = Counter(code for word in set(words_of_letters(text.lower())) for code in small.get(word, ()))
    most = max(counts.values(), default=0)
    languages = tuple(code for code, count in counts.items() if count == most)
    return (ENGLISH,) if ENGLISH in languages else languages


def _is_name(text: str, place: tuple[int, int]) -> bool:
    """Whether it is written as a name: with a capital, where no sentence begins or before the rest of a name."""
    start, end = place
    word, before = text[start:end], text[max(0, start - _NEAR) : start]
    if not word[:1].isupper() or word.isupper():
        return False
    if not _SENTENCE_BEGINS.search(before):
        return not _NAMES_NO_ONE.search(before)
    return bool(_GOES_ON_AS_NAME.match(text, end))


def _around(place: tuple[int, int], ordered: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The stretch that the place lies in, of some in order and apart."""
    at = bisect_right(ordered, place[0], key=itemgetter(0)) - 1
    return ordered[at] if at >= 0 and place[1] <= ordered[at][1] else None


@dataclass(frozen=True, slots=True)
class MaskedWords:
    """All lists together. The tuples stay the same objects, so that the search keeps them prepared."""

    by_language: Mapping[str, Lists]
    anywhere: tuple[str, ...]
    innocent: tuple[str, ...]
    single: starred.StarredWords  # those that may be behind stars
    small: Mapping[str, Sequence[str]]  # the words of grammar, each with its languages
    beside: Mapping[str, frozenset[str]]


@cache  # reading the lists takes 5 ms, measured
def known() -> MaskedWords:
    by_language = {code: _read(code) for code in languages()}
    listed = by_language[ENGLISH]
    named = {*listed.anywhere, *listed.own, *listed.names}
    by_language[ENGLISH] = replace(
        listed, own=(*listed.own, *(word for word in respelled.words() if word not in named))
    )
    anywhere = tuple(dict.fromkeys([*entries(), *(word for own in by_language.values() for word in own.anywhere)]))
    english = by_language[ENGLISH]
    return MaskedWords(
        by_language,
        anywhere,
        innocent=tuple(dict.fromkeys(phrase for own in by_language.values() for phrase in own.innocent)),
        single=starred.StarredWords.of(word for word in (*anywhere, *english.own, *english.names) if word.isalpha()),
        beside={word: told for own in by_language.values() for word, told in own.beside.items()},
        small=_by_word({code: word_list(f"function/{code}") for code in by_language if _has_grammar(code)}),
    )


def _has_grammar(language: str) -> bool:
    return has_word_list(f"function/{language}")


def _by_word(words: Mapping[str, Iterable[str]]) -> Mapping[str, Sequence[str]]:
    """The languages of each word, in the order of the languages."""
    languages_of: dict[str, list[str]] = defaultdict(list)
    for code, own in words.items():
        for word in own:
            languages_of[word].append(code)
    return dict(languages_of)


def languages() -> tuple[str, ...]:
    """The languages that have a list."""
    return tuple(sorted(file.stem for file in WORDS.glob("*.txt")))


def _read(language: str) -> Lists:
    by_heading = sections(WORDS / f"{language}.txt")
    beside = dict(_told(line) for line in by_heading.pop("beside", ()))
    words = {word: told for listed, told in beside.items() for word in listed.split()}
    return Lists(**{name: _entries(lines) for name, lines in by_heading.items()}, beside=words)


def _told(line: str) -> tuple[str, frozenset[str]]:
    listed, _, told = line.partition(": ")
    return listed, frozenset(told.split())


def _entries(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase or word for line in lines for phrase, word in _ENTRY.findall(line)))
