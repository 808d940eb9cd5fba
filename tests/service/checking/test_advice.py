"""Reasons in words for the writer of a text."""

from __future__ import annotations

import pytest

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Part, Reason, ReasonCode, Verdict
from moderation.ground.wording.sentences import of_box
from moderation.judging.signals.registry import SIGNALS
from service.checking.advice import A_PERSON_READS, advice, id_of

ABOUT_NO_WORDING = {
    "author.age_days",
    "author.disposable_email",
    "author.profile",
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
    sentences = {id: text for id, text in of_box("en").items() if id.startswith("advice_")}

    assert {name for name in SIGNALS if id_of(name) not in sentences} == ABOUT_NO_WORDING
    assert sentences.keys() == {A_PERSON_READS, *map(id_of, SIGNALS.keys() - ABOUT_NO_WORDING)}
    assert all(text.endswith(".") for text in sentences.values())


def test_each_reason_has_a_sentence_and_none_comes_twice() -> None:
    reasons = (a_reason("insult"), a_reason("links"), a_reason("insult", Action.REJECT), a_reason())

    assert advice(Verdict(Action.REJECT, reasons)) == ("advice_insult", "advice_links", A_PERSON_READS)


def test_a_rule_on_several_signals_speaks_of_those_that_a_writer_can_change() -> None:
    parts = (Part("links", 1.0, "at_least", 1), Part("author.published", 0.0, "below", 1))
    reason = Reason(ReasonCode.COMBINED, Action.FLAG, parts=parts)

    assert advice(Verdict(Action.FLAG, (reason,))) == ("advice_links",)


@pytest.mark.parametrize("signal", sorted(ABOUT_NO_WORDING))
def test_advice_reveals_nothing_about_an_author(signal: str) -> None:
    assert advice(Verdict(Action.FLAG, (a_reason(signal),))) == (A_PERSON_READS,)


def test_a_text_that_would_be_published_needs_none() -> None:
    reasons = (a_reason("insult", Action.PUBLISH), a_reason("links", Action.PUBLISH))

    assert advice(Verdict(Action.PUBLISH, reasons)) == ()
