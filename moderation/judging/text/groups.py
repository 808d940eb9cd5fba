"""The words by which we see that a text mentions a group of people: one file for each language in ``shipped_groups/``.

They are the plain words of civil speech, not slurs: the bias watch compares how civil comments fare. A mention is no
signal, and no rule may use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from moderation.judging.text.lists.listed_words import is_searchable
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED
from moderation.judging.text.word_lists import sections

FOLDER = Path(__file__).with_name("shipped_groups")
MAX_GROUP_CHARS, MAX_WORD_CHARS = 40, 100

Lexicon = Mapping[str, tuple[str, ...]]
"""The words of each group."""


def mentioned(reading: Reading, words: Lexicon) -> tuple[str, ...]:
    """The groups that the text mentions, in alphabetical order. Its time may be used up by now: this takes none."""
    reading = reading.within(UNLIMITED)
    return tuple(sorted(group for group, listed in words.items() if reading.uses_of(listed)))


def lexicon(language: str | None, changes: tuple[str, ...] = ()) -> Lexicon:
    """The shipped words of a language with a site's entries: ``group: word`` adds a word, ``group: -word`` takes one
    away. Without a file for the language only the site's own words are left: a word such as ``man`` is innocent
    elsewhere."""
    code = (language or "").partition("-")[0]
    groups = {group: dict.fromkeys(words) for group, words in in_language(code).items()}
    for group, word in map(_read, changes):
        if word.startswith("-"):
            groups.get(group, {}).pop(word[1:].strip(), None)
        else:
            groups.setdefault(group, {})[word] = None
    return {group: tuple(words) for group, words in groups.items() if words}


def is_entry(text: str) -> bool:
    """Whether a site may write so."""
    group, word = _read(text)
    fits = 0 < len(group) <= MAX_GROUP_CHARS and len(word) <= MAX_WORD_CHARS
    return fits and text.isprintable() and is_searchable(word.removeprefix("-"))


def in_language(code: str) -> Mapping[str, list[str]]:
    """The words of one file by group; none without a file. They are shared: do not change them."""
    return _shipped().get(code, {})


@cache  # reading the file takes 0.4 ms of every comment that is held or drawn, measured
def _shipped() -> Mapping[str, Mapping[str, list[str]]]:
    return {path.stem: sections(path) for path in FOLDER.glob("*.txt")}


def _read(entry: str) -> tuple[str, str]:
    group, _colon, word = entry.partition(":")
    return group.strip(), word.strip()
