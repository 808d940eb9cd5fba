"""Whether an author's e-mail address is a disposable one, by the list in a package that appears weekly."""

from __future__ import annotations

from disposable_email_domains import blocklist

from moderation.model import CommentToScore
from moderation.signals.spec import NOT_SENT, Measured, SignalSpec
from moderation.text.domains import listed_parent


def _measure(c: CommentToScore) -> Measured:
    domain = c.author.email_domain
    if domain is None:
        return NOT_SENT
    return Measured(float(listed_parent(domain, blocklist) is not None))


AUTHOR_DISPOSABLE = SignalSpec(
    name="author.disposable_email",
    title="Disposable e-mail address",
    meaning="1 if the author's e-mail address is with a provider of disposable addresses, else 0.",
    remarks=(
        "From `author.email_domain`, by the list of the package disposable-email-domains, which appears weekly. "
        "Abstains if the site did not send the domain."
    ),
    scale="score",
    measure=_measure,
)
