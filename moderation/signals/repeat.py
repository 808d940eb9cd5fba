"""How often nearly the same text was posted on the site before."""

from __future__ import annotations

from moderation.model import CommentToScore
from moderation.signals.spec import DefaultRule, Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    return Measured(None, "too short") if c.fingerprint is None else Measured(float(c.near_copies))


REPEAT = SignalSpec(
    name="repeat",
    title="Repeats",
    meaning="How many earlier comments on the site have nearly the same text.",
    remarks=(
        "Links, numbers, case and punctuation may differ. Of a text that very many post, only the newest few hundred "
        'copies are looked at, so the count stops there. Abstains under six words, since "So true!" repeats innocently.'
    ),
    scale="count",
    measure=_measure,
    default=DefaultRule(2),
)
