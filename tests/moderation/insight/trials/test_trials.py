"""A change is compared rule by rule: a case that goes wrong is enough, decisions must differ by more than chance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.trials.values import (
    APPROVED,
    REJECTED,
    PersonsDecision,
    RuleOutcome,
    Trial,
    TrialText,
    compare,
    trial_texts,
)
from moderation.sites.rules.values import HouseRule, Must, RuleBook, RuleCase
from tests.builders import NOON

RIGHT = {"held-0": True, "held-1": True, "held-2": True, "pass-0": False, "pass-1": False, "pass-2": False}


def a_case(id: str, comment_id: str | None = None) -> RuleCase:
    return RuleCase(id, f"text of {id}", Must(id.partition("-")[0]), NOON, "Lea", comment_id=comment_id)


def a_book(cases: Sequence[str] = tuple(RIGHT), reason: str | None = "Insult or abuse") -> RuleBook:
    insults = HouseRule("insults", "No insults", "Be kind.", reason=reason, cases=tuple(map(a_case, cases)))
    return RuleBook("site-a", 7, (insults, HouseRule("spam", "No spam", "No ads.", cases=(a_case("held-9"),))))


def a_decision(id: str, reason: str | None = None, status: CommentStatus = CommentStatus.REJECTED) -> PersonsDecision:
    return PersonsDecision(id, f"text of {id}", status, reason)


def tried(before: dict[str, bool], after: dict[str, bool], decided: Sequence[PersonsDecision] = ()) -> Trial:
    book = a_book()
    return compare(book, trial_texts(book, decided), before, after)


def test_nothing_changes_where_the_answers_are_the_same() -> None:
    trial = tried(RIGHT, RIGHT)

    assert trial.outcomes == (RuleOutcome("insults", 6, 6, 6, (), ()),)
    assert (trial.worse, trial.unready, trial.book_version, trial.digest) == ((), ("spam",), 7, a_book().digest)


@pytest.mark.parametrize("id", RIGHT)
def test_one_case_that_goes_wrong_is_worse(id: str) -> None:
    (outcome,) = tried(RIGHT, RIGHT | {id: not RIGHT[id]}).worse

    assert (outcome.right_before, outcome.right_after) == (6, 5)
    assert [text.id for text in outcome.wronged] == [id]
    assert outcome.righted == ()


def test_one_case_that_goes_wrong_is_worse_also_where_others_go_right() -> None:
    (outcome,) = tried(RIGHT | {"held-0": False, "held-1": False}, RIGHT | {"pass-0": True}).worse

    assert (len(outcome.righted), len(outcome.wronged)) == (2, 1)


@pytest.mark.parametrize(
    ("righted", "wronged", "is_worse"), [(0, 4, False), (0, 5, True), (3, 9, False), (3, 10, True), (9, 0, False)]
)
def test_decisions_count_from_more_than_chance(righted: int, wronged: int, is_worse: bool) -> None:
    ids = [str(number) for number in range(righted + wronged)]
    before = RIGHT | {id: number >= righted for number, id in enumerate(ids)}
    after = RIGHT | {id: number < righted for number, id in enumerate(ids)}

    outcomes = tried(before, after, [a_decision(id, "Other") for id in ids]).outcomes

    assert [(o.rule, len(o.righted), len(o.wronged), o.is_worse) for o in outcomes[1:]] == [
        (REJECTED, righted, wronged, is_worse)
    ]


def test_a_decision_belongs_to_the_rule_of_its_reason_or_to_none() -> None:
    decided = [
        a_decision("1", "Insult or abuse"),
        a_decision("2", "Spam or advertising"),
        a_decision("3", None),
        a_decision("4", None, CommentStatus.PUBLISHED),
    ]

    texts = trial_texts(a_book(), decided)

    assert [(text.rule, text.must) for text in texts[6:]] == [
        ("insults", Must.HELD), (REJECTED, Must.HELD), (REJECTED, Must.HELD), (APPROVED, Must.PASS),
    ]  # fmt: skip
    assert all(text.is_case for text in texts[:6])


def test_a_rule_without_a_reason_takes_no_rejections_without_one() -> None:
    texts = trial_texts(a_book(reason=None), [a_decision("1", None)])

    assert texts[-1].rule == REJECTED


def test_a_comment_is_tried_once_where_it_became_a_case() -> None:
    insults = HouseRule("insults", "No insults", "Be kind.", cases=tuple(a_case(id, "c-1") for id in RIGHT))

    texts = trial_texts(RuleBook("site-a", 1, (insults,)), [a_decision("c-1"), a_decision("c-2")])

    assert [text.id for text in texts] == [*RIGHT, "c-2"]


def test_a_text_without_an_answer_goes_to_a_person() -> None:
    text = TrialText("1", "text", Must.HELD, "insults")

    assert text.is_right({})
    assert not TrialText("1", "text", Must.PASS, "insults").is_right({})
    assert tried(RIGHT, {}).worse[0].right_after == 3
