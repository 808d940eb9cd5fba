"""A comment without what a model of another house must not learn: ways to reach somebody, private data, names that are
known, long numbers, and the rest of a link behind its host, which may name a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from moderation.judging.text.contacts.domains import host_of
from moderation.judging.text.masked_text import Place, masked
from moderation.judging.text.reading import Reading

NUMBER, LINK = "[number]", "[link]"
_LONG_NUMBER = re.compile(
    r"(?<![\w.,])\d{6,}(?![\w])"
)  # of an order, a customer, a file; amounts have signs in between


def masked_for_model(reading: Reading, names: Iterable[str] = ()) -> str:
    """``names`` are those of the author and of the author it answers. Raises TooCostly."""
    return masked(reading, names, further=(*_links(reading), *_numbers(reading.text)))


def _links(reading: Reading) -> Iterator[Place]:
    for link in reading.links:
        host = host_of(link.folded)
        yield link.start, link.end, LINK if host is None else f"[link: {host}]"


def _numbers(text: str) -> Iterator[Place]:
    yield from ((*m.span(), NUMBER) for m in _LONG_NUMBER.finditer(text))
