"""How many links of a comment lead to domains that no published comment of the site had before."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.signals.texts.links import is_allowed
from moderation.judging.text.contacts.domains import registrable


def _measure(c: CommentToScore) -> Measured:
    hosts = c.reading.hosts
    return counted(
        [place for host, place in hosts if registrable(host) not in c.known_domains and not is_allowed(host, c.policy)]
    )


LINKS_NEW = SignalSpec(
    name="links.new",
    title="Links to new domains",
    meaning="How many links lead to domains that no published comment of the site has linked to.",
    remarks=(
        "`shop.example.com` is known where `example.com` is. The policy's `allowed_domains` are never new. A "
        "comment that is taken down takes its domains with it."
    ),
    scale="count",
    measure=_measure,
)
