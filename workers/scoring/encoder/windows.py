"""Cuts a text that is longer than a model reads, between sentences if possible, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tokenizers import Encoding

from moderation.judging.text.splitting import sentences

SPARE_TOKENS = 8
"""Tokens kept free in a window for special tokens, and for words that a cut splits into more pieces."""

OVERLAP_TOKENS = 16
"""Tokens that neighbouring windows share when a sentence is cut between tokens, so that no phrase is lost at a seam."""


Item = TypeVar("Item")


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of them, in order: the first, the last, and others evenly between them. The same for the same."""
    if len(items) <= most:
        return list(items)
    if most < 2:
        return list(items[:most])
    return [items[round(number * (len(items) - 1) / (most - 1))] for number in range(most)]


def cut_by_sentences(text: str, encoding: Encoding, room: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences, of at most ``room`` tokens. A longer sentence is cut between tokens."""
    tokens = [(start, end) for start, end in encoding.offsets if end > start]
    begin = at = 0  # the open window, in characters
    first = reached = 0  # the open window, in tokens: its first, and the first after it
    for _, end in sentences(text):
        after = reached
        while after < len(tokens) and tokens[after][0] < end:
            after += 1
        if at > begin and after - first > room:
            yield begin, at
            begin, first = at, reached
        at, reached = end, after
        if reached - first > room:
            yield from cut_by_tokens(tokens[first:reached], room)
            begin, first = end, reached
    if at > begin:
        yield begin, at


def cut_by_tokens(tokens: Sequence[tuple[int, int]], room: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``room`` tokens that overlap a little, each from a token's start to a token's end."""
    step = max(1, room - min(OVERLAP_TOKENS, room // 2))
    for at in range(0, max(1, len(tokens) - room + step), step):
        piece = tokens[at : at + room]
        if piece:
            yield piece[0][0], piece[-1][1]


@dataclass(frozen=True, slots=True)
class WindowStretch:
    """``[start, end)`` of the text with that number, which fits into a window, and its tokens."""

    number: int
    start: int
    end: int
    encoding: Encoding


def in_windows(
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Sequence[Encoding]],
    window_tokens: int,
    *,
    most: int | None = None,
) -> Iterator[WindowStretch]:
    """Whole texts where they fit, and the stretches of the others after all of these, in the order of each text.

    Of each text there are at most ``most``, spread over it.
    """
    cut = list[tuple[int, int, int]]()
    for number, (text, encoding) in enumerate(zip(texts, encode(texts), strict=True)):
        if len(encoding.ids) <= window_tokens:
            yield WindowStretch(number, 0, len(text), encoding)
        else:
            room = max(1, window_tokens - SPARE_TOKENS)
            places = list(cut_by_sentences(text, encoding, room))
            cut += [(number, *place) for place in (places if most is None else spread(places, most))]
    pieces = [texts[number][start:end] for number, start, end in cut]
    for place, encoding in zip(cut, encode(pieces), strict=True):
        yield WindowStretch(*place, encoding)
