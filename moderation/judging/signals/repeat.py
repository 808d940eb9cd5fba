"""How often nearly the same text has been posted on the site before."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    if c.alike.excuse:
        return Measured(None, c.alike.excuse)
    return Measured(None, "too short") if c.fingerprint is None else Measured(float(c.near_copies))


REPEAT = SignalSpec(
    name="repeat",
    title="Repeats",
    meaning="How many earlier comments on the site have nearly the same text.",
    remarks=(
        "Links, numbers, case and punctuation may differ. Abstains under six "
        "words, and for innocent copies like `campaign`."
    ),
    scale="count",
    measure=_measure,
)
