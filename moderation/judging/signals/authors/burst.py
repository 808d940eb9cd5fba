"""How fast comments of one author, or from one address, follow each other."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec

MINUTES = 10
MOST = 100  # looked at


def _measure(c: CommentToScore) -> Measured:
    return Measured(float(c.recent))


BURST = SignalSpec(
    name="burst",
    title="Burst",
    meaning="How many other comments the author, or somebody at the same address, posted in the ten minutes before.",
    remarks=f"The address counts where the site sends `author.address`. The count stops at {MOST}.",
    scale="count",
    measure=_measure,
)
