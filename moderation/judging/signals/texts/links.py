"""How many links a comment contains."""

from __future__ import annotations

from moderation.ground.values.policies import Policy
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.text.contacts.domains import listed_parent
from moderation.judging.text.reading import Reading


def _links(reading: Reading, policy: Policy) -> Measured:
    links = [link.place for link in reading.links]
    if not links or not policy.allowed_domains:
        return counted(links)
    allowed = {place for host, place in reading.hosts if is_allowed(host, policy)}
    return counted([place for place in links if place not in allowed])


def is_allowed(host: str, policy: Policy) -> bool:
    """Of a blocked domain and an allowed one, the one that says more about the host counts."""
    allowed = listed_parent(host, policy.allowed_domains)
    return allowed is not None and len(allowed) > len(listed_parent(host, policy.blocked_domains) or "")


def _measure(c: CommentToScore) -> Measured:
    return _links(c.reading, c.policy)


LINKS = SignalSpec(
    name="links",
    title="Links",
    meaning="How many links the comment contains, disguised ones too.",
    remarks=(
        "Bare domains count, and forms such as `example dot com`. E-mail addresses do not, nor do links to the "
        "policy's `allowed_domains`."
    ),
    scale="count",
    measure=_measure,
    measure_again=_links,
    lists=("blocked_domains", "allowed_domains"),
)
