"""How much of a comment is emoji."""

from __future__ import annotations

import unicodedata

from moderation.ground.values.signals import Span
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import MAX_SPANS, NOTHING_FOUND, Measured, SignalSpec
from moderation.judging.text.emoji import pictures

MIN_CHARS = 20  # in a shorter text one smile changes the share too much

_SIGNS = frozenset("©®™")  # Unicode counts these as emoji, readers as ordinary signs


def emoji_share(text: str) -> Measured:
    """The share of emoji among the visible characters. A flag or a family consists of several code points and counts
    once."""
    places = _places(text)
    total = len(places) + _visible(_without(text, places) if places else text)
    if total < MIN_CHARS:
        return Measured(None, "too short")
    if not places:
        return NOTHING_FOUND
    inside = sum(end - start for start, end in places)
    runs = _runs(places)[:MAX_SPANS]
    spans = tuple(Span(start, end, weight=(end - start) / inside) for start, end in runs)
    return Measured(len(places) / total, evidence=spans)


def _places(text: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end, picture in pictures(text) if picture not in _SIGNS]


def _visible(text: str) -> int:
    visible = sum(map(len, text.split()))
    if text.isascii():
        return visible
    hidden = {c for c in set(text) if unicodedata.category(c) == "Cf"}
    return visible - sum(map(text.count, hidden))


def _without(text: str, places: list[tuple[int, int]]) -> str:
    starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(text)]
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _runs(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Joins neighbouring emoji into one stretch."""
    runs: list[tuple[int, int]] = []
    for start, end in places:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _measure(c: CommentToScore) -> Measured:
    return emoji_share(c.comment.text)


EMOJI = SignalSpec(
    name="emoji",
    title="Emoji",
    meaning="The share of the comment's characters that are emoji.",
    remarks=(
        f"A flag or a family counts as one character; spaces do not count. Abstains under {MIN_CHARS} characters."
    ),
    scale="score",
    measure=_measure,
)
