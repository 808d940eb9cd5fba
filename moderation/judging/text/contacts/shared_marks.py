"""Finds a telephone number, an address, a handle or a domain that texts of different wording share. Each becomes a
number, so that a database finds the same one by equality and keeps nothing that can be read."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from moderation.judging.text.letters.folding import searched
from moderation.judging.text.wishes import PETITION_SITES

MOST = 5  # of one text
MARK = 1 << 62  # every mark has this bit: no key of a text reaches it
_BAND = 1 << 30
_DIGITS_COMPARED = 9  # the last ones: the same number is written with and without its country's code
_REST = re.compile(r"(?:[\s().\-/]{0,3}\d){0,15}")  # of a number behind a messenger's name: it matches everywhere
_SIGN = re.compile(r"[^\w@.]|_")


class Written(NamedTuple):
    """A contact as it is in the text, and the one form of all ways to write it."""

    text: str
    plain: str


def as_written(text: str, contacts: Iterable[tuple[int, int]]) -> tuple[Written, ...]:
    """The contacts at these places, each with the digits behind it."""
    stretches = [text[start : _REST.match(text, end).end()] for start, end in contacts]  # type: ignore[union-attr]
    return tuple(Written(stretch, _plain(stretch)) for stretch in stretches)


def shared_marks(
    contacts: Iterable[Written],
    domains: Collection[str],
    *,
    well_known: Collection[str],
    sources: Iterable[str | None] = (),
    account: str | None = None,
) -> tuple[int, ...]:
    """At most MOST whole numbers of 63 bits, in order. ``well_known`` are domains that say nothing, since many readers
    link to them; a contact that one of the ``sources`` gives, such as the article, says nothing either. ``account`` is
    a fact about the author's account that accounts of one maker share."""
    given = [source for source in sources if source]
    written: dict[int, list[str]] = defaultdict(list)  # each contact in all its ways, by its mark
    for contact in contacts:
        if contact.plain:
            written[_mark("contact", contact.plain)].append(contact.text)
    linked = {d for d in set(domains) - set(well_known) if not any(site in d for site in PETITION_SITES)}
    marks = sorted({*written, *(_mark("domain", domain) for domain in linked)})
    said = (mark for mark in marks if mark not in written or not _is_given(written[mark], given))
    if account is not None:
        return tuple(sorted([_mark("account", account), *islice(said, MOST - 1)]))
    return tuple(islice(said, MOST))


def _is_given(ways: Sequence[str], sources: Sequence[str]) -> bool:
    """Whether the sources have each of these. An article is long, so no more contacts are looked for than needed."""
    return all(any(way in source for source in sources) for way in ways)


def mark_band(mark: int) -> int:
    """Of the database's column for bands, beyond those of texts."""
    return _BAND | mark & (_BAND - 1)


def _plain(contact: str) -> str:
    """Without spaces and signs, so that every way to write it is one. Of a number only the last digits."""
    folded = _SIGN.sub("", searched(contact)[0].text)
    digits = "".join(c for c in folded if c.isdecimal())
    return (
        digits[-_DIGITS_COMPARED:] if len(digits) >= _DIGITS_COMPARED - 2 and len(digits) * 2 > len(folded) else folded
    )


def _mark(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind} {value}".encode("utf-8", "replace"), digest_size=8).digest()
    return MARK | int.from_bytes(digest) >> 2
