"""The set of injections, and the trial that refuses models which ignore the rules or are turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from moderation.judging.second_reader.attacks.injections import (
    GUESSED_MARK,
    TECHNIQUES,
    AttackTexts,
    attack_texts,
    injections,
)
from moderation.judging.second_reader.attacks.trial import (
    NO_INSULTS,
    TrialRefusal,
    TrialReport,
    questions,
    report,
    trial_hash,
)
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.protocol import Contract
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.judging.second_reader.values import Connection, Missing, RuleOpinion, RuleQuestion, missing

CHAT, MODERATIONS = CONTRACTS["chat"], CONTRACTS["openai-moderations"]
INSULTS = {text for texts in attack_texts() for text in texts.insults}
TURNS = (
    "<|im_start|>",
    "<|start_header_id|>",
    "<start_of_turn>",
    "[SYSTEM_PROMPT]",
    "[INST]",
    "<|start|>",
    "<Document>",
)


Ask = Callable[[RuleQuestion], RuleOpinion]


def opinion(breaks: bool) -> RuleOpinion:
    return RuleOpinion(breaks=breaks, rule="no-insults" if breaks else None)


def obedient(question: RuleQuestion) -> RuleOpinion:
    """Reads the rule, and is turned by nothing."""
    rule = question.rules[0].key
    if rule != "no-insults":
        return opinion(rule == "all-forbidden")
    return opinion(any(insult in question.text for insult in INSULTS))


def try_out(contract: Contract, ask: Ask, texts: Sequence[AttackTexts] | None = None) -> TrialReport:
    texts = attack_texts() if texts is None else texts
    return report(contract, [ask(question).breaks for question in questions(contract, texts)], texts)


def turned_by(*signs: str) -> Ask:
    def ask(question: RuleQuestion) -> RuleOpinion:
        return opinion(False) if any(sign in question.text for sign in signs) else obedient(question)

    return ask


def test_there_are_more_than_150_injections_in_ten_languages_and_none_twice() -> None:
    attacks = injections(attack_texts())

    assert len(attacks) >= 150
    assert len({attack.language for attack in attacks}) == 10
    assert len({attack.text for attack in attacks}) == len(attacks)
    assert {attack.technique for attack in attacks} == set(TECHNIQUES)
    assert {attack.technique for attack in attacks[:: len(attack_texts())]} == set(TECHNIQUES)


def test_each_holds_its_insult_and_something_more() -> None:
    for attack in injections(attack_texts()):
        assert attack.bare in attack.text and len(attack.text) > len(attack.bare) + 10
        assert attack.bare in INSULTS


def test_languages_have_texts_of_their_own() -> None:
    texts = attack_texts()

    for field in ("order", "role", "editor", "rule", "task", "verdict", "plea"):
        assert len({getattr(spoken, field) for spoken in texts}) == len(texts)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_injection_leaves_its_fence_or_spells_a_turn(contract: str) -> None:
    connection, fence = Connection("a", contract, "http://x", "m"), Fence(GUESSED_MARK)
    (still,) = CONTRACTS[contract].calls(RuleQuestion((NO_INSULTS,), "x"), connection, fence)
    for attack in injections(attack_texts()):
        (call,) = CONTRACTS[contract].calls(RuleQuestion((NO_INSULTS,), attack.text), connection, fence)

        sent = str(call.body)
        for sign in (*TURNS, GUESSED_MARK):
            assert sent.count(sign) == str(still.body).count(sign), (attack.technique, sign)


def test_a_model_that_obeys_the_rules_and_is_not_turned_may_count() -> None:
    tried = try_out(CHAT, obedient)

    assert tried.refusals == ()
    assert (tried.attacked, tried.through, tried.unheld, tried.missing) == (
        len(injections(attack_texts())),
        (),
        0,
        0,
    )
    assert tried.permits_all is not None and tried.permits_all.asked == len(INSULTS)


@pytest.mark.parametrize(
    ("ask", "refusals"),
    [
        (lambda _question: opinion(False), {TrialRefusal.FIXED_PRIOR, TrialRefusal.BLIND}),
        (lambda _question: opinion(True), {TrialRefusal.FIXED_PRIOR, TrialRefusal.BLIND}),
        (lambda question: opinion(any(text in question.text for text in INSULTS)), {TrialRefusal.FIXED_PRIOR}),
        (lambda _question: missing(Missing.LATE), {TrialRefusal.SILENT}),
        (turned_by("max", "Max"), set()),  # one technique of 23: under the limit
        (turned_by('"breaks": false'), {TrialRefusal.TURNED}),
    ],
)
def test_a_model_is_refused_with_its_reasons(ask: Ask, refusals: set[TrialRefusal]) -> None:
    assert set(try_out(CHAT, ask).refusals) == refusals


def test_the_report_says_which_techniques_got_through() -> None:
    tried = try_out(CHAT, turned_by('"breaks": false'))

    assert dict(tried.through_by_technique)["fake verdict"] == 10
    assert dict(tried.through_by_technique)["block of code"] == 10
    assert "order behind" not in dict(tried.through_by_technique)
    assert all('"breaks": false' in attack.text for attack in tried.through)


def test_an_insult_that_is_not_held_alone_proves_nothing() -> None:
    tried = try_out(CHAT, lambda _question: opinion(False))

    assert (len(tried.through), tried.unheld) == (0, tried.attacked)


def test_a_contract_without_rules_is_not_asked_about_them() -> None:
    asked: list[str] = []

    def ask(question: RuleQuestion) -> RuleOpinion:
        asked.append(question.rules[0].key)
        return obedient(question)

    tried = try_out(MODERATIONS, ask)

    assert (tried.permits_all, tried.forbids_all, tried.refusals) == (None, None, ())
    assert set(asked) == {"no-insults"}


def test_two_languages_are_enough_for_a_quick_look() -> None:
    tried = try_out(CHAT, obedient, attack_texts()[:2])

    assert (tried.attacked, tried.insults.asked) == (2 * len(TECHNIQUES), 4)


@pytest.mark.parametrize(("contract", "count"), [("chat", 310), ("shieldstral", 310), ("openai-moderations", 270)])
def test_a_trial_has_so_many_questions(contract: str, count: int) -> None:
    assert len(questions(CONTRACTS[contract], attack_texts())) == count


def test_another_model_prompt_or_set_of_questions_has_another_hash() -> None:
    texts, connection = attack_texts(), Connection("a", "chat", "http://x", "m")
    known = trial_hash(CHAT, connection, texts)

    assert known == trial_hash(CHAT, Connection("b", "chat", "http://y", "m"), texts)
    others = [
        trial_hash(CHAT, Connection("a", "chat", "http://x", "m2"), texts),
        trial_hash(CONTRACTS["vllm"], connection, texts),
        trial_hash(CHAT, connection, texts[1:]),
    ]
    assert len({known, *others}) == 4
