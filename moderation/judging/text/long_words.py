"""Cuts words longer than anybody writes, so that a tokenizer reads them."""

from __future__ import annotations

import re
from itertools import pairwise

from moderation.judging.text.disguises.hostile_words import hostile_places
from moderation.judging.text.rewritten_text import Copy, Replacement

MAX_WORD = 60
"""In letters. A tokenizer takes a word of more than a hundred for one unknown sign, and would not read it at all."""

_LONG_WORD = re.compile(rf"(?<![^\W_])[^\W_]{{{MAX_WORD + 1},}}+")  # each word is read once, from its beginning


def with_long_words_cut(copy: Copy) -> Copy:
    """The copy with spaces in words that nobody writes: around hostile words, else every ``MAX_WORD`` letters."""
    cuts = (at for word in _LONG_WORD.finditer(copy.text) for at in _cuts(*word.span(), copy.text))
    return copy.replaced([Replacement(at - 1, at, f"{copy.text[at - 1]} ") for at in cuts])


def _cuts(start: int, end: int, text: str) -> list[int]:
    bounds = {start + at for word in hostile_places(text[start:end]) for at in word} - {start, end}
    edges = [start, *sorted(bounds), end]
    return sorted(bounds | {at for a, b in pairwise(edges) for at in range(a + MAX_WORD, b, MAX_WORD)})
