"""How many readers have reported a comment."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    return Measured(float(c.reports))


REPORTS = SignalSpec(
    name="reports",
    title="Readers' reports",
    meaning="How many readers have reported the comment.",
    scale="count",
    measure=_measure,
)
