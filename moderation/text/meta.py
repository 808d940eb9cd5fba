"""Finds remarks about moderation and about the site itself: "why was my comment deleted?", "this paywall again".

``shipped_meta/`` has a file for each language with three sections: phrases that are such a remark alone, words for
comments, moderators and this site, and what happens to them. The last two count only near each other. All languages are
looked for in every comment, because a site does not always say in which one it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from moderation.reading_budget import UNLIMITED, Budget
from moderation.text.folding import KEPT
from moderation.text.words import find_words

FOLDER = Path(__file__).with_name("shipped_meta")
SECTIONS = ("alone", "site", "acts")
NEAR_CHARS = 60
"""The most characters between a word for the site and what happens to it."""

MAX_PLACES = 50
"""How many words of either kind are compared: a longer comment has said it by then."""

Place = tuple[int, int]

_BREAK = re.compile(r"[.!?;:\n]")


@lru_cache(maxsize=KEPT)  # relevance asks again, with the comment's own budget
def find_meta(text: str, budget: Budget = UNLIMITED) -> tuple[Place, ...]:
    """The positions of such remarks, in order and without overlaps. Raises TooCostly."""
    if not lists.cache_info().currsize:
        with budget.paused():  # other comments use them, too
            lists()
    if not find_words(text, _of_all("alone", "site"), budget):  # as in most comments: one search is enough
        return ()
    found = set(find_words(text, _of_all("alone"), budget))
    for language in lists():
        found |= _pairs(text, language, budget)
    return tuple(_joined(sorted(found)))


def _joined(places: Iterable[Place]) -> Iterator[Place]:
    """Places in order, those that overlap as one."""
    begin = end = -1
    for start, stop in places:
        if start >= end:
            if end > begin:
                yield begin, end
            begin, end = start, stop
        end = max(end, stop)
    if end > begin:
        yield begin, end


def _pairs(text: str, language: str, budget: Budget) -> set[Place]:
    """From a word for the site to an act in the same sentence, or the other way round, in one language."""
    sites = find_words(text, lists()[language]["site"], budget)[:MAX_PLACES]
    acts = find_words(text, lists()[language]["acts"], budget)[:MAX_PLACES] if sites else ()
    pairs = budget.over((site, act) for site in sites for act in acts)
    return {
        (min(site[0], act[0]), max(site[1], act[1]))
        for site, act in pairs
        if _gap(site, act) <= NEAR_CHARS and not _BREAK.search(text, min(site[1], act[1]), max(site[0], act[0]))
    }


def _gap(one: Place, other: Place) -> int:
    return max(one[0], other[0]) - min(one[1], other[1])


@cache
def _of_all(*sections: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for own in lists().values() for section in sections for entry in own[section]))


@cache
def lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """By language and section."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.txt"))}


def _read(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Raises KeyError for a section of another name, and for an entry above the first."""
    sections: dict[str, list[str]] = {name: [] for name in SECTIONS}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            sections[section].append(line)
    return {name: tuple(own) for name, own in sections.items()}
