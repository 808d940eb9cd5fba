"""The reason that the review screen proposes for a rejection, shown on its button before anybody presses it."""

from __future__ import annotations

from moderation.judging.signals.house import HOUSE
from moderation.law.statements.choosing import REASON_OF_SIGNAL
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.sites.settings import grounds

GRAVEST_FIRST = (grounds.THREAT, grounds.HATE, grounds.SPAM, grounds.INSULT, grounds.OFF_TOPIC)


def proposed_reason(context: ReviewContext, offered: tuple[str, ...]) -> str | None:
    """Of those that the site offers: the likeliest by its house model, else the gravest that a rule of the policy is
    about. None where neither says one."""
    signals = context.scoring.signals if context.scoring else ()
    likely = [guess.reason for signal in signals if signal.name == HOUSE.name for guess in signal.likely]
    about = {REASON_OF_SIGNAL.get(name) for name in _ruled_on(context)}
    by_scores = [reason for reason in GRAVEST_FIRST if reason in about]
    return next((reason for reason in (*likely, *by_scores) if reason in offered), None)


def _ruled_on(context: ReviewContext) -> list[str]:
    """The signals whose rules held the comment."""
    names = []
    for reason in context.flagging.reasons if context.flagging else ():
        names += [reason.get("signal"), *(part.get("signal") for part in reason.get("parts") or ())]
    return [str(name) for name in names if name]
