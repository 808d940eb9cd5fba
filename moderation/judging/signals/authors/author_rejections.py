"""How many of an author's decided comments were rejected."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec

MIN_DECIDED = 5  # with fewer, one rejection would brand an author


def _measure(c: CommentToScore) -> Measured:
    decided = c.author.published + c.author.rejected
    if decided < MIN_DECIDED:
        return Measured(None, f"fewer than {MIN_DECIDED} decided comments")
    return Measured(c.author.rejected / decided)


REJECTION_RATE = SignalSpec(
    name="author.rejection_rate",
    title="Author's rejection rate",
    meaning="The share of the author's decided comments that were rejected.",
    remarks="Abstains until five are decided.",
    scale="score",
    measure=_measure,
)
