"""How old an author's account with the site is."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import NOT_SENT, Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    registered_at = c.author.registered_at
    if registered_at is None:
        return NOT_SENT
    return Measured(float(max(0, (c.comment.posted_at - registered_at).days)))


AUTHOR_AGE = SignalSpec(
    name="author.age_days",
    title="Age of the author's account",
    meaning="How many whole days before the comment the author registered with the site.",
    remarks="From `author.created_at`; abstains where the site has not sent it.",
    scale="count",
    worse="low",
    measure=_measure,
    is_spared=True,
)
