"""How often a comment is about moderation or the site itself, and not about an article."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.text.remarks import find_meta


def _measure(c: CommentToScore) -> Measured:
    return counted(find_meta(c.reading))


META = SignalSpec(
    name="meta",
    title="About this site",
    meaning="How many remarks the comment makes about moderation, the comment section or this site.",
    remarks=(
        'Such as "why was my comment deleted?" or a cancelled subscription, by phrases in twelve languages. '
        "`relevance` abstains for such a comment."
    ),
    scale="count",
    measure=_measure,
)
