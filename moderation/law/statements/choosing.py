"""Which ground a decision has: that of its reason, or else that of the rule by which the policy decided. And which
reason a person is offered first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.sites.settings import grounds, rejection_reasons
from moderation.sites.settings.grounds import Ground
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from moderation.sites.settings.values import SiteSettings

REASON_OF_SIGNAL: Mapping[str, str] = {
    **dict.fromkeys(("toxicity", "severe_toxicity", "insult", "obscene", "words.obscene"), grounds.INSULT),
    **dict.fromkeys(("identity_attack", "words.slurs"), grounds.HATE),
    "threat": grounds.THREAT,
    "relevance": grounds.OFF_TOPIC,
    **dict.fromkeys(
        ("spam", "links", "links.blocked", "links.new", "contacts", "repeat", "campaign", "author.profile"), SPAM_REASON
    ),
}
"""The reason behind a rule on each signal. The other signals say nothing of that kind."""
GRAVEST_FIRST = (grounds.THREAT, grounds.HATE, SPAM_REASON, grounds.INSULT, grounds.OFF_TOPIC)


def reason_of(settings: SiteSettings, reason: str | None, reasons: Sequence[Mapping[str, Any]]) -> str | None:
    """The name of the decision's reason where the site or Gavel describes it, else of the first rule that has one. A
    name that a site sends with one decision may hold anything, and is not shown."""
    if reason is not None:
        is_known = reason in settings.rejection_reasons or reason in grounds.SENTENCE_OF
        return reason if is_known else None
    named = (REASON_OF_SIGNAL.get(signal) for signal in _signals(reasons))
    return next(filter(None, named), None)


def proposed_reason(
    offered: Sequence[str], *, likely: Sequence[str], reasons: Sequence[Mapping[str, Any]]
) -> str | None:
    """The reason that a person sees on the button before rejecting: of those that the site offers, the likeliest by its
    house model, else the gravest that a rule behind the decision is about. None where neither says one."""
    about = {REASON_OF_SIGNAL.get(signal) for signal in _signals(reasons)}
    by_rules = (reason for reason in GRAVEST_FIRST if reason in about)
    return next((reason for reason in (*likely, *by_rules) if reason in offered), None)


def ground_of(settings: SiteSettings, name: str | None) -> Ground:
    """The ground in force now."""
    return rejection_reasons.ground_of(settings.reason_details, name)


def _signals(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    signals = []
    for reason in reasons:
        if reason.get("action") != "publish":
            signals += [reason.get("signal"), *(part.get("signal") for part in reason.get("parts") or ())]
    return [signal for signal in signals if signal]
