"""How many comments an author has online, so that a site can look at newcomers' first ones."""

from __future__ import annotations

from moderation.model import CommentStatus, CommentToScore
from moderation.signals.spec import Measured, SignalSpec


def _measure(c: CommentToScore) -> Measured:
    """A published comment that is scored once more does not count itself."""
    itself = c.comment.status is CommentStatus.PUBLISHED
    return Measured(float(max(0, c.author.published - itself)))


AUTHOR_PUBLISHED = SignalSpec(
    name="author.published",
    title="Author's published comments",
    meaning="How many other comments of the author's are online.",
    remarks="A limit below 1 looks at newcomers' first comments.",
    scale="count",
    worse="low",
    measure=_measure,
)
