"""How many comments of an author are online. A site can use this to look at newcomers' first ones."""

from __future__ import annotations

from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    """A published comment that is scored again does not count itself."""
    itself = c.comment.status is CommentStatus.PUBLISHED
    return Measured(float(max(0, c.author.published - itself)))


AUTHOR_PUBLISHED = SignalSpec(
    name="author.published",
    title="Author's published comments",
    meaning="How many other comments by the author are online.",
    remarks="A limit below 1 sends newcomers' first comments to a person.",
    scale="count",
    worse="low",
    measure=_measure,
    is_spared=True,
)
