"""Cuts a text that is longer than a model reads, between sentences if possible, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenizers import Encoding

from moderation.text.splitting import sentences

SPARE_TOKENS = 8
"""Tokens kept free in a window for special tokens, and for words that a cut splits into more pieces."""

OVERLAP_TOKENS = 16
"""Tokens that neighbouring windows share when a sentence is cut between tokens, so that no phrase is lost at a seam."""


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
