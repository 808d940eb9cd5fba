"""How many links of a comment lead to domains that the site blocks."""

from __future__ import annotations

from moderation.ground.values.policies import Policy
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.signals.texts.links import is_allowed
from moderation.judging.text.contacts.domains import listed_parent
from moderation.judging.text.reading import Reading


def _blocked(reading: Reading, policy: Policy) -> Measured:
    if not policy.blocked_domains:
        return Measured(0.0)
    return counted([place for host, place in reading.hosts if _is_blocked(host, policy)])


def _is_blocked(host: str, policy: Policy) -> bool:
    return listed_parent(host, policy.blocked_domains) is not None and not is_allowed(host, policy)


def _measure(c: CommentToScore) -> Measured:
    return _blocked(c.reading, c.policy)


LINKS_BLOCKED = SignalSpec(
    name="links.blocked",
    title="Blocked links",
    meaning="How many links lead to domains that the policy blocks, or to domains under them.",
    remarks=(
        "From the policy's `blocked_domains`. A longer entry of `allowed_domains` takes a domain under a blocked one "
        "out again."
    ),
    scale="count",
    measure=_measure,
    measure_again=_blocked,
    lists=("blocked_domains", "allowed_domains"),
)
