"""Reasons in words for the writer of a text."""

from __future__ import annotations

import pytest

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Part, Reason, ReasonCode, Verdict
from moderation.judging.signals.registry import SIGNALS
from service.checking.advice import A_PERSON_READS, advice

ABOUT_NO_WORDING = {
    "author.age_days",
    "author.disposable_email",
    "author.published",
    "author.rejection_rate",
    "burst",
    "language.supported",
    "reports",
    "typing_speed",
}
"""Another wording of the text would change none of these."""


def a_reason(signal: str | None = None, action: Action = Action.FLAG) -> Reason:
    code = ReasonCode.RULE if signal else ReasonCode.PREMODERATED
    return Reason(code, action, signal=signal, value=0.9 if signal else None)


def test_every_signal_that_another_wording_would_change_has_advice() -> None:
    silent = {name for name, spec in SIGNALS.items() if not spec.advice}

    assert silent == ABOUT_NO_WORDING
    assert all(spec.advice.startswith("Before you post: ") for spec in SIGNALS.values() if spec.advice)
    assert all(spec.advice.endswith(".") for spec in SIGNALS.values() if spec.advice)


def test_each_reason_has_a_sentence_and_none_comes_twice() -> None:
    reasons = (a_reason("insult"), a_reason("links"), a_reason("insult", Action.REJECT), a_reason())

    assert list(advice(Verdict(Action.REJECT, reasons)).values()) == [
        SIGNALS["insult"].advice,
        SIGNALS["links"].advice,
        A_PERSON_READS,
    ]


def test_a_rule_on_several_signals_speaks_of_those_that_a_writer_can_change() -> None:
    parts = (Part("links", 1.0, "at_least", 1), Part("author.published", 0.0, "below", 1))
    reason = Reason(ReasonCode.COMBINED, Action.FLAG, parts=parts)

    assert advice(Verdict(Action.FLAG, (reason,))) == {"advice_links": SIGNALS["links"].advice}


@pytest.mark.parametrize("signal", sorted(ABOUT_NO_WORDING))
def test_advice_reveals_nothing_about_an_author(signal: str) -> None:
    assert advice(Verdict(Action.FLAG, (a_reason(signal),))) == {"advice_person_reads": A_PERSON_READS}


def test_a_text_that_would_be_published_needs_none() -> None:
    reasons = (a_reason("insult", Action.PUBLISH), a_reason("links", Action.PUBLISH))

    assert advice(Verdict(Action.PUBLISH, reasons)) == {}
