"""The sentences that authors read about their appeals, in the words of the site and the language of the appeal."""

from __future__ import annotations

from moderation.ground.errors import GavelError
from moderation.ground.wording.sentences import Sentences, day
from moderation.law.appeals.errors import AppealTooLate, DecisionOver
from moderation.law.appeals.values import Appeal, AppealReason, MeasureAppeal


def received(appeal: Appeal, words: Sentences) -> str:
    return words.say("appeal_received", day=day(appeal.created_at, words.language))


def decided(appeal: Appeal, words: Sentences) -> str:
    """The outcome with its reason, and the answer of the person who decided."""
    assert appeal.outcome is not None
    assert appeal.decided_at is not None
    is_of_measure = isinstance(appeal, MeasureAppeal)
    outcome = _id(f"outcome_{appeal.outcome}", words, is_of_measure=is_of_measure)
    parts = [words.say(outcome, day=day(appeal.decided_at, words.language))]
    if appeal.by_same_person:
        parts.append(words["appeal_read_by_same"])
    if appeal.reason is not None:
        parts.append(reason(appeal.reason, words, is_of_measure=is_of_measure))
    if appeal.answer:
        parts.append(words.say("appeal_answer", answer=appeal.answer))
    return " ".join(parts)


def reason(reason: AppealReason, words: Sentences, *, is_of_measure: bool) -> str:
    return words[_id(f"reason_{reason}", words, is_of_measure=is_of_measure)]


def refusal(error: GavelError, words: Sentences) -> str:
    """Why an appeal is not taken."""
    if isinstance(error, AppealTooLate):
        return words["appeal_late"]
    return words["appeal_over" if isinstance(error, DecisionOver) else "appeal_crowded"]


def said(appeal: Appeal, words: Sentences) -> str:
    """The sentence about the appeal as it is now."""
    return decided(appeal, words) if appeal.outcome else received(appeal, words)


def _id(name: str, words: Sentences, *, is_of_measure: bool) -> str:
    """A sentence that speaks of the comment has another for a measure."""
    of_measure = f"appeal_account_{name}"
    return of_measure if is_of_measure and of_measure in words.texts else f"appeal_{name}"
