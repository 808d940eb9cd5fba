"""The sentences that authors read about their appeals, in the words of the site and the language of the appeal."""

from __future__ import annotations

from moderation.ground.wording.sentences import Sentences, day
from moderation.law.appeals.values import Appeal


def received(appeal: Appeal, words: Sentences) -> str:
    return words.say("appeal_received", day=day(appeal.created_at, words.language))


def decided(appeal: Appeal, words: Sentences) -> str:
    """The outcome with its reason, and the answer of the person who decided."""
    assert appeal.outcome is not None
    assert appeal.decided_at is not None
    parts = [words.say(f"appeal_outcome_{appeal.outcome}", day=day(appeal.decided_at, words.language))]
    if appeal.by_same_person:
        parts.append(words["appeal_read_by_same"])
    if appeal.reason is not None:
        parts.append(words[f"appeal_reason_{appeal.reason}"])
    if appeal.answer:
        parts.append(words.say("appeal_answer", answer=appeal.answer))
    return " ".join(parts)


def said(appeal: Appeal, words: Sentences) -> str:
    """The sentence about the appeal as it is now."""
    return decided(appeal, words) if appeal.outcome else received(appeal, words)
