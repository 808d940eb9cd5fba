"""Says openly which names of groups count less in a score, and the score if they counted in full."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.values.signals import LeftOut, Span
from workers.scoring.encoder.scored import Scored
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.evidence.toxicity_words import MIN_VALUE, span_of

MOST_PLACES = 20
"""A long comment may name groups a thousand times, and each signal repeats the places."""

LEAST = 1e-4
"""A smaller difference is one of rounding: the names are in other windows than the value."""


def left_out(judge: Toxicity, text: str, languages: Sequence[str]) -> dict[str, LeftOut]:
    """By signal, for a text of the judge's last call of ``score``, in these of its languages.

    A signal is missing if the names do not change its score, or it is too low to explain even with them. Each has the
    first ``MOST_PLACES`` places of names.
    """
    if not judge.lessens_names:
        return {}
    (scored,) = judge.scored([text])
    if not any(named.places for named in scored.named or ()):
        return {}
    in_full, values = judge.with_names(text, languages), judge.in_languages(text, languages)
    found = {}
    for column in np.flatnonzero((in_full >= MIN_VALUE) & (in_full - values >= LEAST)).tolist():
        spans = _spans(scored, column)
        found[judge.signals[column]] = LeftOut(round(float(in_full[column]), 6), spans[:MOST_PLACES])
    return found


def _spans(scored: Scored, column: int) -> tuple[Span, ...]:
    """The names in the windows in which they count less for the signal, in the order of the comment."""
    found = {
        span_of(window.copy, window.start + start, window.start + end, 1.0)
        for window, named in zip(scored.windows, scored.named or (), strict=True)
        if named.taken[column] > 0
        for start, end in named.places
    }
    return tuple(sorted(found, key=lambda span: span.start))
