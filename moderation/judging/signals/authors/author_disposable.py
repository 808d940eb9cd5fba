"""Whether an author's e-mail address is a disposable one, by the list in a package that appears weekly."""

from __future__ import annotations

from disposable_email_domains import blocklist

from moderation.ground.values.authors import Author
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import NOT_SENT, Measured, SignalSpec
from moderation.judging.text.contacts.domains import listed_parent


def disposable_domain(author: Author) -> str | None:
    """The provider of disposable addresses that the author has one of, as far as the site has said."""
    return None if author.email_domain is None else listed_parent(author.email_domain, blocklist)


def _measure(c: CommentToScore) -> Measured:
    return NOT_SENT if c.author.email_domain is None else Measured(float(disposable_domain(c.author) is not None))


AUTHOR_DISPOSABLE = SignalSpec(
    name="author.disposable_email",
    title="Disposable e-mail address",
    meaning="1 if the author's e-mail address is with a provider of disposable addresses, else 0.",
    remarks=(
        "From `author.email_domain`, by the list of the package disposable-email-domains. Abstains where the site has "
        "not sent it."
    ),
    scale="score",
    measure=_measure,
)
