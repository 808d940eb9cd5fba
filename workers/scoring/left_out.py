"""Says openly which names of groups count less in a score, and the score if they counted in full."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.model.signals import LeftOut
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import MIN_VALUE, span_of

MOST_PLACES = 20
"""A long comment may name groups a thousand times, and each signal repeats the places."""

LEAST = 1e-4
"""A smaller difference is one of rounding: the names are in other windows than the value."""


def left_out(judge: Toxicity, text: str, languages: Sequence[str], signal: str) -> LeftOut | None:
    """For a text of the judge's last call of ``score``, in these of its languages. None if the names do not change the
    score, or it is too low to explain even with them. It has the first ``MOST_PLACES`` places of names."""
    if not judge.lessens_names:
        return None
    (scored,) = judge.scored([text])
    column = judge.signals.index(signal)
    lessened = [i for i, taken in enumerate(scored.taken[:, column]) if taken > 0]
    if not lessened:
        return None
    value = float(judge.with_names(text, languages)[column])
    if value < MIN_VALUE or value - float(judge.in_languages(text, languages)[column]) < LEAST:
        return None
    found = {
        span_of(window.copy, window.start + start, window.start + end, 1.0)
        for window, named in ((scored.windows[i], scored.named[i]) for i in lessened if scored.named)
        for start, end in named.places
    }
    return LeftOut(round(value, 6), tuple(sorted(found, key=lambda span: span.start)[:MOST_PLACES]))
