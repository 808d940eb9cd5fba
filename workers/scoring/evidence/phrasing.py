"""Fits marks to the phrases that they are in, as a copy desk would draw them: no stray word, no list or address cut
in two. The patterns are English; in other languages they find nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.judging.text.disguises.hostile_words import hostile
from workers.scoring.encoder.carried import Place
from workers.scoring.evidence.toxicity_words import Shares

STRAY = 0.2
"""Single words with a smaller share are dropped beside one with ``CLEAR``, unless they are insults or belong to one."""

CLEAR = 0.4
_OATHS = frozenset(["bloody", "damn", "damned", "goddamn", "effing", "freaking", "sodding", "bleeding", "so-called"])
_WORD = r"[\w'’-]+"
_LIST = re.compile(rf"(?:(?:an? )?{_WORD}, )+(?:an? )?{_WORD},? (?:and|or) (?:an? )?{_WORD}", re.IGNORECASE)
_IN_LIST = re.compile(rf"\b(?!(?:an?|and|or)\b){_WORD}", re.IGNORECASE)
_ADDRESS = re.compile(rf", you (?:{_WORD} ){{1,3}}({_WORD})\s*(?=[,.!?]|$)", re.IGNORECASE)
_DIRTY = re.compile(rf"\b(?:dirty|filthy|stinking|bloody|damn|fucking|lazy|greedy) ({_WORD})", re.IGNORECASE)
_DONE_TO = re.compile(r"\b(?:will|would|should|must|to|gonna|ought to be|should be|must be) \Z", re.IGNORECASE)
_OBJECT = re.compile(r" (?:you|him|her|them)\b")
_PARTICLE = re.compile(r" (?:out|down|up|off|apart|to death|to pieces)\b")
_JOINED = re.compile(r"\s+(?:of\s+(?:an?\s+)?)?")


def fitted(text: str, shares: Shares) -> Shares:
    """The shares of a folded text, without stray words and with the rest of each phrase."""
    clear = _without_stray(text, shares)
    marked = {place for place, _ in clear}
    added = {*_of_lists(text, marked), *_addressed(text, marked), *_dirty(text, marked)}
    grown = [(_with_object(text, place), share) for place, share in clear]
    return sorted([*grown, *((place, 0.0) for place in added if not _overlaps(place, marked))])


def _without_stray(text: str, shares: Shares) -> Shares:
    if max((share for _, share in shares), default=0.0) < CLEAR:
        return shares
    return [(place, share) for place, share in shares if share >= STRAY or not _is_stray(text, place, shares)]


def _is_stray(text: str, place: Place, shares: Shares) -> bool:
    word = text[slice(*place)].lower()
    if " " in word or word in hostile().words or word in _OATHS:
        return False
    between = ((min(place[1], end), max(place[0], start)) for (start, end), _ in shares if (start, end) != place)
    return not any(_JOINED.fullmatch(text, *gap) for gap in between)


def _of_lists(text: str, marked: set[Place]) -> Iterator[Place]:
    """The other words of lists of which two are marked: *a coward, a liar and a fraud*."""
    for found_list in _LIST.finditer(text):
        words = [match.span() for match in _IN_LIST.finditer(text, *found_list.span())]
        if sum(_overlaps(word, marked) for word in words) >= 2:
            yield from words


def _addressed(text: str, marked: set[Place]) -> Iterator[Place]:
    """The noun that somebody is called: *you sanctimonious git*."""
    for address in _ADDRESS.finditer(text):
        if _overlaps(address.span(), marked):
            yield address.span(1)


def _dirty(text: str, marked: set[Place]) -> Iterator[Place]:
    """The people behind a marked adjective: *dirty foreigners*."""
    for people in _DIRTY.finditer(text):
        if people.group(1).lower() in hostile().words and _overlaps((people.start(), people.start(1)), marked):
            yield people.span(1)


def _with_object(text: str, place: Place) -> Place:
    """With whom and how, behind a verb that somebody threatens: *will cut you*, *should be dragged out*."""
    end = place[1]
    if _DONE_TO.search(text, max(0, place[0] - 20), place[0]) and (whom := _OBJECT.match(text, end)):
        end = whom.end()
    if how := _PARTICLE.match(text, end):
        end = how.end()
    return place[0], end


def _overlaps(place: Place, marked: set[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in marked)
