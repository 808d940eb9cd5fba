"""A text without personal data: telephone numbers, addresses, handles, accounts, and the names that its readers know.
Names of others stay, since a comment about a mayor says nothing without them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from moderation.judging.text.reading import Reading

CONTACT, PRIVATE, NAME = "[contact]", "[private]", "[name]"
LEAST_NAME = 3  # letters of a name, or of a part of one
_MENTION = re.compile(r"(?<![\w@/])@\w[\w.-]{1,40}")

Place = tuple[int, int, str]


def masked(reading: Reading, names: Iterable[str] = (), *, further: Iterable[Place] = ()) -> str:
    """``names`` are those of the author and of the author it answers. ``further`` places are masked, too, each with
    its own mask. Raises TooCostly."""
    pieces, at = [], 0
    places = [*_places(reading, names), *further]
    for start, end, mask in sorted(places, key=lambda place: (place[0], -place[1])):
        if start >= at:
            pieces += [reading.text[at:start], mask]
        at = max(at, end)
    return "".join([*pieces, reading.text[at:]])


def _places(reading: Reading, names: Iterable[str]) -> Iterator[Place]:
    text = reading.text
    for (start, _), written in zip(reading.contacts, reading.contacts_written, strict=True):
        yield start, start + len(written.text), CONTACT
    yield from ((*place, PRIVATE) for place in reading.private)
    yield from ((*m.span(), NAME) for m in _MENTION.finditer(text))
    for name in names:
        whole = " ".join(name.split())
        if len(whole) >= LEAST_NAME:
            yield from ((*m.span(), NAME) for m in _word(whole, re.IGNORECASE).finditer(text))
        for part in whole.split():
            if len(part) >= LEAST_NAME and part[0].isupper():
                yield from ((*m.span(), NAME) for m in _word(part).finditer(text))


def _word(word: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", flags)
