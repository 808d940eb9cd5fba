"""The sentences that authors read about their appeals."""

from __future__ import annotations

from moderation.ground.wording.sentences import day, spoken
from moderation.law.appeals.values import Appeal


def received(appeal: Appeal) -> str:
    return spoken(appeal.language).say("appeal_received", day=day(appeal.created_at))


def decided(appeal: Appeal) -> str:
    """The outcome with its reason, and the answer of the person who decided."""
    assert appeal.outcome is not None
    assert appeal.decided_at is not None
    words = spoken(appeal.language)
    parts = [words.say(f"appeal_outcome_{appeal.outcome}", day=day(appeal.decided_at))]
    if appeal.by_same_person:
        parts.append(words["appeal_read_by_same"])
    if appeal.reason is not None:
        parts.append(words[f"appeal_reason_{appeal.reason}"])
    if appeal.answer:
        parts.append(words.say("appeal_answer", answer=appeal.answer))
    return " ".join(parts)


def said(appeal: Appeal) -> str:
    """The sentence about the appeal as it is now."""
    return decided(appeal) if appeal.outcome else received(appeal)
