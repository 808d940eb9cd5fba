"""How much private data about somebody else a comment gives away."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted


def _measure(c: CommentToScore) -> Measured:
    return counted(c.reading.private)


PRIVATE_DATA = SignalSpec(
    name="private_data",
    title="Private data",
    meaning="How many private addresses, number plates, telephone numbers and e-mails of others the comment names.",
    remarks="Offices, shops, help lines and the writer's own do not count.",
    scale="count",
    measure=_measure,
    tone="harm",
)
