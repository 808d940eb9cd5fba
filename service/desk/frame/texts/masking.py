"""The words of a comment that the desk hides until somebody asks for them: slurs and vulgar words, by lists alone.

A model's marks stay visible: a mark points to words, and a moderator has to read them. The lists
are those that come with Gavel and, for the eyes only, longer ones: one file for each language in ``words/``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moderation.text.lists.shipped_lists import entries
from moderation.text.reading import Reading
from moderation.text.splitting import sentences, words_of_letters
from moderation.text.word_lists import has_word_list, sections, word_list
from moderation.values.signals import Span
from service.desk.frame.texts import starred

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
_NEAR = 24  # characters in which the word before a name, or the end of a sentence, is looked for


@dataclass(frozen=True, slots=True)
class Lists:
    """One file of ``words/``, by its sections."""

    anywhere: tuple[str, ...] = ()  # in no other language, and no name
    own: tuple[str, ...] = ()  # only in sentences of this language
    names: tuple[str, ...] = ()  # the same, and a name where it is written as one
    innocent: tuple[str, ...] = ()  # phrases in which such a word is none


NO_LISTS = Lists()


def hidden(text: str) -> list[Span]:
    """The stretches to hide, in order and apart: listed words, also in disguise, outside innocent phrases."""
    reading = Reading(text)
    innocent = reading.uses_of(known().innocent)
    found = {
        *reading.uses_of(known().anywhere),
        *_own_words(reading),
        *starred.places(reading.searched, known().single),
    }
    guilty = [place for place in found if not any(_is_within(place, phrase) for phrase in innocent)]
    spans: list[Span] = []
    for start, end in sorted(guilty, key=lambda place: (place[0], -place[1])):
        if not spans or start >= spans[-1].end:
            spans.append(Span(start, end))
    return spans


def _own_words(reading: Reading) -> Iterator[tuple[int, int]]:
    """The words of one language in its sentences."""
    text = reading.text
    places = sentences(text)
    whole = _languages_of(text)
    spoken = [_languages_of(text[start:end]) or whole or (ENGLISH,) for start, end in places]
    for language in {code for languages in spoken for code in languages}:
        own = [place for place, languages in zip(places, spoken, strict=True) if language in languages]
        listed = known().by_language.get(language, NO_LISTS)
        named = (use for use in reading.uses_of(listed.names) if not _is_name(text, use))
        found = [*reading.uses_of(listed.own), *named]
        yield from (use for use in found if any(_is_within(use, sentence) for sentence in own))


def _languages_of(text: str) -> tuple[str, ...]:
    """The languages with most small words in the text: English alone if it is one of them. Empty if it has none."""
    said = set(words_of_letters(text.lower()))
    counts = Counter({code: len(said & small) for code, small in known().small.items()})
    most = max(counts.values())
    languages = tuple(code for code, count in counts.items() if count == most) if most else ()
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


def _is_within(place: tuple[int, int], around: tuple[int, int]) -> bool:
    return around[0] <= place[0] and place[1] <= around[1]


@dataclass(frozen=True, slots=True)
class Known:
    """All lists together. The tuples stay the same objects, so that the search keeps them prepared."""

    by_language: Mapping[str, Lists]
    anywhere: tuple[str, ...]
    innocent: tuple[str, ...]
    single: Mapping[str, Sequence[str]]  # those that may be behind stars, by their first letter
    small: Mapping[str, frozenset[str]]  # the words of grammar, by language


@cache  # reading the lists takes 5 ms, measured
def known() -> Known:
    by_language = {code: _read(code) for code in languages()}
    anywhere = tuple(dict.fromkeys([*entries(), *(word for own in by_language.values() for word in own.anywhere)]))
    english = by_language[ENGLISH]
    return Known(
        by_language,
        anywhere,
        innocent=tuple(dict.fromkeys(phrase for own in by_language.values() for phrase in own.innocent)),
        single=starred.by_letter(word for word in (*anywhere, *english.own, *english.names) if word.isalpha()),
        small={code: word_list(f"function/{code}") for code in by_language if has_word_list(f"function/{code}")},
    )


def languages() -> tuple[str, ...]:
    """The languages that have a list."""
    return tuple(sorted(file.stem for file in WORDS.glob("*.txt")))


def _read(language: str) -> Lists:
    return Lists(**{name: _entries(lines) for name, lines in sections(WORDS / f"{language}.txt").items()})


def _entries(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase or word for line in lines for phrase, word in _ENTRY.findall(line)))
