"""Finds remarks about moderation and about the site itself: "why was my comment deleted?", "this paywall again".

``shipped_meta/`` has a file for each language with three sections: phrases that are such a remark alone, words for
comments, moderators and this site, and what happens to them. The last two count only near each other. All languages are
looked for in every comment, because a site does not always say in which one it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from moderation.judging.text.lists.shipped_lists import Sections, shipped
from moderation.judging.text.reading import Reading

NEAR_CHARS = 60
"""The most characters between a word for the site and what happens to it."""

MAX_PLACES = 50
"""How many words of either kind are compared: a longer comment has said it by then."""

Place = tuple[int, int]

_BREAK = re.compile(r"[.!?;:\n]")


def find_meta(reading: Reading) -> tuple[Place, ...]:
    """The positions of such remarks, in order and without overlaps. Raises TooCostly."""
    with reading.budget.paused():  # other comments use them, too
        known = shipped().remarks
    if not reading.uses_of(known.signs):  # as in most comments: one search is enough
        return ()
    places = set(reading.uses_of(known.alone))
    for own in known.by_language.values():
        places |= _pairs(reading, own)
    return tuple(_joined(sorted(places)))


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


def _pairs(reading: Reading, own: Sections) -> set[Place]:
    """From a word for the site to an act in the same sentence, or the other way round, in one language."""
    sites = reading.uses_of(own["site"])[:MAX_PLACES]
    acts = reading.uses_of(own["acts"])[:MAX_PLACES] if sites else ()
    pairs = reading.budget.over((site, act) for site in sites for act in acts)
    return {
        (min(site[0], act[0]), max(site[1], act[1]))
        for site, act in pairs
        if _gap(site, act) <= NEAR_CHARS and not _BREAK.search(reading.text, min(site[1], act[1]), max(site[0], act[0]))
    }


def _gap(place: Place, other: Place) -> int:
    return max(place[0], other[0]) - min(place[1], other[1])
