"""Makes marks readable: no mark on a person's name, and a phrase that threatens is marked whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from moderation.judging.text.disguises.hostile_words import hostile
from moderation.judging.text.letters.folding import searched_again
from moderation.judging.text.lists.cutting import cut
from moderation.judging.text.lists.listed_words import find_words, uses_in
from moderation.judging.text.lists.shipped_lists import entries
from moderation.judging.text.splitting import sentences
from moderation.judging.text.word_lists import lines
from workers.scoring.encoder.carried import Place
from workers.scoring.evidence.toxicity_words import Shares

NOUNS_ARE_CAPITAL = frozenset({"de", "lb"})
"""Languages in which a capital inside a sentence is no sign of a name."""

POSSESSIVES = ("your", "his", "her", "their", "the")

_SAID_OF_ONE = re.compile(
    r"\s+(?:is|was|has|had|lied|said|says|belongs|deserves|needs|should|must|and (?:his|her)|est|es|è)\b"
)
_ENDING = re.compile(r"['’]s?$")


def names(text: str, places: Sequence[Place], languages: Sequence[str]) -> frozenset[Place]:
    """Those of the words that are written as names: with a capital inside a sentence, or at its beginning before
    another such word or a verb. Listed insults are none, nor are words of a sentence that has capitals throughout."""
    if not NOUNS_ARE_CAPITAL.isdisjoint(languages):
        return frozenset()
    return frozenset(place for start, end in sentences(text) for place in _names_in(text, _within(places, start, end)))


def _within(places: Sequence[Place], start: int, end: int) -> list[Place]:
    return [place for place in places if start <= place[0] < end]


def _names_in(text: str, places: Sequence[Place]) -> Iterator[Place]:
    capital = [_is_capital(text[start:end]) for start, end in places]
    if all(capital):
        return
    for at, (start, end) in enumerate(places):
        goes_on = at + 1 < len(places) and capital[at + 1] and text[end : places[at + 1][0]].isspace()
        is_inside = at > 0 or goes_on or _SAID_OF_ONE.match(text, end)
        if capital[at] and is_inside and not _is_insult(text[start:end]):
            yield start, end


def _is_capital(word: str) -> bool:
    bare = _ENDING.sub("", word)
    return len(bare) > 1 and bare[0].isupper() and not bare.isupper()


def _is_insult(word: str) -> bool:
    bare = _ENDING.sub("", word).lower()
    return bare in hostile().words or bool(find_words(bare, entries()))


def whole_phrases(text: str, shares: Shares) -> Shares:
    """The shares in a folded text, with those in one threatening phrase joined over it: *knock your block off*."""
    by_place = dict(shares)
    for phrase in uses_in((cut(searched_again(text)),), _threats()):
        inside = [place for place in by_place if place[0] < phrase[1] and phrase[0] < place[1]]
        if inside:
            joined = min(phrase[0], *(start for start, _ in inside)), max(phrase[1], *(end for _, end in inside))
            by_place[joined] = sum(by_place.pop(place) for place in inside)
    return sorted(by_place.items())


@cache  # reading the file takes 0.3 ms of each text that is marked, measured
def _threats() -> tuple[str, ...]:
    phrases = (line.replace("YOUR", word) for line in lines("threats") for word in POSSESSIVES)
    return tuple(dict.fromkeys(phrases))
