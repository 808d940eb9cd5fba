"""How many other readers have posted nearly the same of late."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    if c.alike.excuse:
        return Measured(None, c.alike.excuse)
    if c.fingerprint is None and not c.marks:
        return Measured(None, "too short")
    return Measured(float(c.alike.others))


CAMPAIGN = SignalSpec(
    name="campaign",
    title="Campaign",
    meaning=(
        "How many other readers posted nearly the same text, or the same contact or domain, in the last seven days."
    ),
    remarks=(
        "A domain counts while at most five published comments of the site link to "
        "it, and a contact unless the article gives it. Newcomers with one provider of disposable mail count "
        "together. Abstains under six words without either, and for a passage of the article, a wish or a petition."
    ),
    scale="count",
    measure=_measure,
)
