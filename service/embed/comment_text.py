"""A comment's text in paragraphs, quotes and links, as ``script/texts.js`` shows it. A link shows the place that it
leads to, whole: a long name in front hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote, urlsplit

from moderation.ground.errors import TooCostly
from moderation.ground.webhooks.addresses import NOT_QUOTED, PORTS, plain
from moderation.judging.text.reading_budget import Budget

MAX_HOST_CHARS = 253  # RFC 1035; to write a longer one in ASCII takes the square of its length
MAX_SHOWN_CHARS = 30  # of the path
_ADDRESS = re.compile(r"https?://[^\s<>\"\\\u200b-\u200f\u202a-\u202e\u2060-\u2069]+", re.IGNORECASE)
_END = ".,;:!?'…"  # of a sentence
_EMPTY_LINES = re.compile(r"\n\s*\n")
_MARKS = re.compile(r"(?:> ?)+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; with an address it is a link."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    is_quote: bool
    paragraphs: tuple[tuple[Piece, ...], ...]


def blocks(text: str, budget: Budget, *, has_links: bool) -> list[Block]:
    """Lines that begin with ``>`` are a quote; an empty line parts paragraphs. A text that takes longer than what is
    left of the budget is one paragraph without links."""
    try:
        with budget:
            return list(_blocks(text, budget, has_links))
    except TooCostly:
        return [Block(False, ((Piece(text),),))]


def _blocks(text: str, budget: Budget, has_links: bool) -> Iterator[Block]:
    for is_quote, lines in groupby(budget.over(text.splitlines()), lambda line: line.startswith(">")):
        said = "\n".join(_MARKS.sub("", line, count=1) if is_quote else line for line in lines)
        some = [part.strip("\n").rstrip() for part in _EMPTY_LINES.split(said) if part.strip()]
        if some:
            yield Block(is_quote, tuple(tuple(_pieces(part, budget)) if has_links else (Piece(part),) for part in some))


def _pieces(text: str, budget: Budget) -> Iterator[Piece]:
    at = 0
    for match in budget.over(_ADDRESS.finditer(text)):
        address = match[0].rstrip(_END if "(" in match[0] else f"{_END})]")
        link = _link(address)
        if link is None:
            continue
        if before := text[at : match.start()]:
            yield Piece(before)
        yield link
        at = match.start() + len(address)
    if rest := text[at:]:
        yield Piece(rest)


def _link(address: str) -> Piece | None:
    """None of an address with a name in front of its place, of one inside a network, and of what is no address."""
    try:
        parts = urlsplit(address)
        if len(parts.netloc) > MAX_HOST_CHARS or "@" in parts.netloc:
            return None
        host = plain(parts.hostname or "")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if "." not in host:
        return None
    place = host if port in (None, PORTS[parts.scheme]) else f"{host}:{port}"
    rest = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=NOT_QUOTED)
    shown = "" if rest == "/" else rest if len(rest) <= MAX_SHOWN_CHARS else f"{rest[: MAX_SHOWN_CHARS - 1]}…"
    fragment = f"#{quote(parts.fragment, safe=NOT_QUOTED)}" if parts.fragment else ""
    return Piece(place + shown, f"{parts.scheme}://{place}{rest}{fragment}")
