"""The request for the words behind toxicity scores, and the way from amounts by word to stretches of the reader's own
text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moderation.ground.values.signals import Span
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.silent_words import silent_words
from workers.scoring.engines.onnx import Floats
from workers.scoring.engines.weights import ENGLISH

BUDGET_S = 0.5
"""For each comment where explaining takes runs of a model; the comments of a batch share the sum."""

MAX_SPANS = 5
MIN_WEIGHT = 0.08
MIN_VALUE = 0.15
"""Scores below this are not explained. Plainly civil comments have up to 0.14 for insult."""

Clock = Callable[[], float]
Place = tuple[int, int]
Shares = list[tuple[Place, float]]


@dataclass(frozen=True, slots=True)
class CommentToExplain:
    """A comment, those of its signals that need an explanation, and the languages that it is in."""

    text: str
    signals: tuple[str, ...]
    languages: tuple[str, ...] = ENGLISH


def silent(words: Sequence[str], languages: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the words are no evidence in any of the languages: shape (words,)."""
    listed = tuple(map(silent_words, languages))
    return np.asarray([any(word in own for own in listed) for word in map(str.lower, words)], dtype=np.bool_)


def strongest(
    places: Sequence[Place], carried: Floats, *, least: float = MIN_WEIGHT, most: int = MAX_SPANS, otherwise: int = 0
) -> Shares:
    """The few words that carry most, in order, with their shares of all that is carried, each at least ``least``; if no
    word has so much, the ``otherwise`` strongest.

    Empty if nothing is carried.
    """
    total = float(carried.sum())
    if total <= 0:
        return []
    shares = [(place, float(part) / total) for place, part in zip(places, carried, strict=True) if part > 0]
    falling = sorted(shares, key=lambda share: -share[1])
    return sorted([share for share in falling if share[1] >= least][:most] or falling[:otherwise])


def span_of(copy: Copy, start: int, end: int, weight: float) -> Span:
    """A stretch of a copy as a span of the original, without the spaces around it. It must not be empty; of spaces
    alone the last one is left."""
    text = copy.text[start:end]
    begin, stop = min(start + len(text) - len(text.lstrip()), end - 1), start + len(text.rstrip())
    first, last = copy.origin(begin, max(stop, begin + 1))
    return Span(first, last, round(min(1.0, weight), 4))
