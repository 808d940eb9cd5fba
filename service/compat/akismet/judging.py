"""Whether a text is spam. Akismet's question is not ours: an insult is no advertisement, so the toxicity of a text
counts only where the site says so."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.judging.signals.registry import SIGNALS
from moderation.pipeline.drafts.drafts import Checked
from service.compat.akismet.reading import AkismetComment

SPAMMY = frozenset(
    {
        "spam",
        "links",
        "links.blocked",
        "links.new",
        "contacts",
        "repeat",
        "burst",
        "author.profile",
        "words.banned",
        "words.suspect",
    }
)
TOXIC = frozenset(name for name, spec in SIGNALS.items() if spec.model == "toxicity")

ALWAYS_SPAM = frozenset({"akismet-guaranteed-spam", "viagra-test-123"})  # authors, as Akismet's documentation says
ALWAYS_SPAM_EMAIL = "akismet-guaranteed-spam@example.com"
NEVER_SPAM_ROLE = "administrator"


@dataclass(frozen=True, slots=True)
class SpamAnswer:
    """``is_blatant`` lets the site delete the comment without showing it to anybody."""

    is_spam: bool
    is_blatant: bool = False


def is_spammy(reason: Reason) -> bool:
    """Whether a rule on spam, and nothing else, is behind it."""
    return _is_against(reason, SPAMMY)


def guaranteed(entry: AkismetComment) -> SpamAnswer | None:
    """The answer that Akismet promises for its test values, or for a field that only a program fills in; None for any
    other entry."""
    if entry.role == NEVER_SPAM_ROLE:
        return SpamAnswer(is_spam=False)
    if entry.author.lower() in ALWAYS_SPAM or entry.email.lower() == ALWAYS_SPAM_EMAIL:
        return SpamAnswer(is_spam=True, is_blatant=entry.is_discard_test)
    return SpamAnswer(is_spam=True) if entry.trapped else None


def judge(checked: Checked, *, limit: float, counts_toxicity: bool) -> SpamAnswer:
    """Spam by the spam signal, or by a rule of the site's policy on what spam is made of. A text that takes too long to
    read is held as spam too, and so is one in a mode for breaking news in which a person reads it first: a person sees
    it in the site's spam folder.

    Only a rule by which the policy rejects unseen lets the site delete unseen.
    """
    counted = SPAMMY | TOXIC if counts_toxicity else SPAMMY
    fired = [reason for reason in checked.verdict.reasons if _is_against(reason, counted)]
    spam = checked.value("spam")
    is_spam = spam is not None and spam >= limit
    is_unread = "language.supported" not in checked.signals
    is_held = any(reason.code is ReasonCode.MODE for reason in checked.verdict.reasons)
    return SpamAnswer(
        is_spam or is_unread or is_held or bool(fired), any(reason.action is Action.REJECT for reason in fired)
    )


def _is_against(reason: Reason, counted: frozenset[str]) -> bool:
    """A rule on several signals counts where all of them do."""
    looked_at = {part.signal for part in reason.looked_at}
    is_by_rule = reason.code in (ReasonCode.RULE, ReasonCode.COMBINED) and reason.action is not Action.PUBLISH
    return is_by_rule and bool(looked_at) and looked_at <= counted
