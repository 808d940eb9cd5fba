"""How many links a comment contains."""

from __future__ import annotations

from moderation.model import CommentToScore
from moderation.signals.spec import DefaultRule, Measured, SignalSpec, counted
from moderation.text.links import find_links


def _measure(c: CommentToScore) -> Measured:
    return counted(find_links(c.comment.text))


LINKS = SignalSpec(
    name="links",
    title="Links",
    meaning="How many links the comment contains, disguised ones too.",
    remarks=(
        "Addresses, bare domains, and forms such as `hxxp://`, `example[.]com` and `example dot com` count. E-mail "
        "addresses do not."
    ),
    advice="Before you post: this has many links.",
    scale="count",
    measure=_measure,
    default=DefaultRule(3),
)
