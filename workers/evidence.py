"""Find the sentence and the words that carry a toxicity score, by leaving each word out and by scoring it alone.

The time is bounded: when it is spent, what has been found so far is the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from moderation.model import Span
from workers.engines import Floats, logit
from workers.text import sentences, words
from workers.toxicity import Toxicity, Window

BUDGET_S = 0.5
MAX_WORDS = 40
CANDIDATES = 6
CHUNK_WORDS = 3
MAX_SPANS = 5
MIN_WEIGHT = 0.08
MIN_VALUE = 0.1
"""Scores below this have nothing to explain."""

Clock = Callable[[], float]


def explain(
    toxicity: Toxicity, text: str, signal: str, *, budget_s: float = BUDGET_S, clock: Clock = time.monotonic
) -> tuple[Span, ...]:
    """Spans in the original text, in order; weights are shares of what the words add, and sum to at most 1."""
    deadline = clock() + budget_s
    column = toxicity.signals.index(signal)
    window, value = _worst_window(toxicity, text, column)
    if value < MIN_VALUE or not window.text.strip():
        return ()
    start, end = _worst_sentence(toxicity, window, column)
    if clock() >= deadline:
        return (_span(window, start, end, 1.0),)
    return _carrying_words(toxicity, window, (start, end), column, deadline, clock) or (_span(window, start, end, 1.0),)


def _worst_window(toxicity: Toxicity, text: str, column: int) -> tuple[Window, float]:
    windows, _ = toxicity.windows([text])
    values = toxicity.probabilities([w.text for w in windows])[:, column]
    return windows[int(values.argmax())], float(values.max())


def _worst_sentence(toxicity: Toxicity, window: Window, column: int) -> tuple[int, int]:
    """The sentence that scores highest alone, as a stretch of the window's text."""
    found = sentences(window.text)
    if len(found) < 2:
        return 0, len(window.text)
    alone = toxicity.probabilities([window.text[a:b] for a, b in found])[:, column]
    return found[int(alone.argmax())]


def _carrying_words(
    toxicity: Toxicity, window: Window, sentence: tuple[int, int], column: int, deadline: float, clock: Clock
) -> tuple[Span, ...]:
    start, end = sentence
    text = window.text[start:end]
    places = words(text)[:MAX_WORDS]
    if not places:
        return ()
    carried = _carried(toxicity, text, places, column, deadline, clock)
    total = float(carried.sum())
    if total <= 0:
        return ()
    shares = [(a, b, float(part) / total) for (a, b), part in zip(places, carried, strict=True)]
    strongest = sorted((w for w in shares if w[2] >= MIN_WEIGHT), key=lambda w: -w[2])[:MAX_SPANS]
    return tuple(_span(window, start + a, start + b, share) for a, b, share in sorted(strongest))


def _carried(
    toxicity: Toxicity, text: str, places: Sequence[tuple[int, int]], column: int, deadline: float, clock: Clock
) -> Floats:
    """What each word adds to the log-odds, never below 0; 0 for words that there was no time for.

    The mean of what it adds to nothing and to all other words: the two ends of its Shapley value. The second alone
    shows one of two insults only, since either is enough. A word alone costs a tenth of the sentence without it, so
    only the words that say most alone are left out in turn.
    """
    scores = toxicity.probabilities([text, "", *(text[a:b] for a, b in places)])
    whole, nothing, *rest = logit(scores)[:, column]
    alone = np.asarray(rest, dtype=np.float32) - nothing
    carried = np.zeros(len(places), dtype=np.float32)
    candidates = np.argsort(-alone, kind="stable")[:CANDIDATES]
    for at in range(0, len(candidates), CHUNK_WORDS):
        if at and clock() >= deadline:
            break
        chunk = candidates[at : at + CHUNK_WORDS]
        cut = [text[: places[i][0]] + text[places[i][1] :] for i in chunk]
        without = logit(toxicity.probabilities(cut))[:, column]
        carried[chunk] = np.maximum(0.0, (whole - without + alone[chunk]) / 2)
    return carried


def _span(window: Window, start: int, end: int, weight: float) -> Span:
    text = window.text[start:end]
    begin, stop = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    first, last = window.copy.origin(window.start + begin, window.start + max(stop, begin + 1))
    return Span(first, last, round(min(1.0, weight), 4))
