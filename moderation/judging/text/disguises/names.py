"""Tells a part of somebody's name from a respelled swear word: *Wang Fuk Court* is a place, *Mr Dik* a person."""

from __future__ import annotations

import re

from moderation.judging.text.word_lists import word_list

_LONGEST = 40
"""Characters of the word before."""

_SHORT = re.compile(r"[A-Z](?=[a-z]*[aeiou])[a-z]{2,3}")
"""Longer respellings, those without a vowel and those with an accent are no names: *Idoit*, *Btch*, *F\u00fcck*."""

_BEFORE = re.compile(r"(?<!\S)[\"'(\u2018\u201c]?([^\W\d_]{2,})\.? \Z")
_AFTER = re.compile(r" ([^\W\d_]+)")
_TITLES = frozenset({"dr", "lady", "lord", "miss", "mr", "mrs", "ms", "mx", "professor", "prof", "sir"})
_OBJECTS = frozenset({"her", "him", "it", "off", "that", "the", "them", "this", "u", "up", "us", "ya", "you", "your"})
"""After one of these in capitals or small letters a respelled word is a verb: "Bibi Fuk You"."""


def is_part_of_name(text: str, start: int, end: int) -> bool:
    """Whether the short word there has one capital, and so has the word before, which is a title or no English word.

    The first word of a name is not known as one: "Fuk Zelensky" looks like "Fuk Yuen".
    """
    if not _SHORT.fullmatch(text, start, end):
        return False
    before, after = _BEFORE.search(text[max(0, start - _LONGEST) : start]), _AFTER.match(text, end)
    if before is None or not before[1].istitle() or (after and after[1].lower() in _OBJECTS):
        return False
    return before[1].lower() in _TITLES or before[1].lower() not in word_list("common/en")
