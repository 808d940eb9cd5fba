"""Cut a text that is longer than a model reads, between sentences where that can be, and lose nothing of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tokenizers import Encoding

from workers.text.reading import sentences

SPARE_TOKENS = 8
"""Room in a window for special tokens, and for words that a cut splits into more pieces."""

OVERLAP_TOKENS = 16
"""Shared by neighbouring windows of a sentence that is cut by tokens, so that no phrase is lost at a seam."""


def cut_by_sentences(text: str, encoding: Encoding, room: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences of at most ``room`` tokens; a longer sentence is cut between tokens."""
    tokens = [(start, end) for start, end in encoding.offsets if end > start]
    firsts = [start for start, _ in tokens]
    begin = at = 0  # the open window, in characters
    for _, end in sentences(text):
        if at > begin and bisect_left(firsts, end) - bisect_left(firsts, begin) > room:
            yield begin, at
            begin = at
        at = end
        if bisect_left(firsts, end) - bisect_left(firsts, begin) > room:
            yield from cut_by_tokens(tokens[bisect_left(firsts, begin) : bisect_left(firsts, end)], room)
            begin = end
    if at > begin:
        yield begin, at


def cut_by_tokens(tokens: Sequence[tuple[int, int]], room: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``room`` tokens that overlap a little, each from a token's start to a token's end."""
    step = max(1, room - min(OVERLAP_TOKENS, room // 2))
    for at in range(0, max(1, len(tokens) - room + step), step):
        piece = tokens[at : at + room]
        if piece:
            yield piece[0][0], piece[-1][1]
