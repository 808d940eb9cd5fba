"""How many ways to reach somebody outside the comments a comment names."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted


def _measure(c: CommentToScore) -> Measured:
    return counted(c.reading.contacts)


CONTACTS = SignalSpec(
    name="contacts",
    title="Contacts",
    meaning=(
        "How many telephone numbers, e-mail addresses, messenger handles, bank accounts and wallets the comment names."
    ),
    remarks="Years, prices, dates and laws do not count.",
    scale="count",
    measure=_measure,
)
