"""The document form of a policy: the documents that it accepts, and how it refuses the others."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.values.policies import Override
from moderation.ground.values.statuses import Action
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.documents import dump, parse
from moderation.judging.signals.registry import SIGNALS
from tests.builders import a_policy, a_rule

FOR_RULES = sorted(SIGNALS.keys() - {"language.supported"})


def a_document(**overrides: Any) -> dict[str, Any]:
    return {"rules": [], "required": [], **overrides}


def with_rule(**rule: Any) -> dict[str, Any]:
    return a_document(rules=[{"signal": "toxicity", "action": "flag", **rule}])


def problems(document: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse(document, 1)
    return {problem.field: problem.message for problem in refusal.value.problems}


def test_a_document_becomes_the_policy_it_describes() -> None:
    document = {
        "default": "flag",
        "required": ["toxicity"],
        "rules": [
            {"signal": "toxicity", "at_least": 0.8, "action": "flag", "label": "Toxic"},
            {"signal": "relevance", "at_least": 0.9, "action": "publish"},
        ],
        "banned_words": [" rotter* "],
        "suspect_words": ["free money"],
        "sections": {"sport": {"rules": [{"signal": "toxicity", "at_least": 0.9, "action": "reject"}]}},
        "articles": {"obit-1": {"without": ["relevance"]}},
    }

    policy = parse(document, 7)

    assert policy == a_policy(
        a_rule("toxicity", 0.8, label="Toxic"),
        a_rule("relevance", 0.9, action=Action.PUBLISH),
        required={"toxicity"},
        version=7,
        default=Action.FLAG,
        banned_words=("rotter*",),
        suspect_words=("free money",),
        sections={"sport": Override(rules=(a_rule("toxicity", 0.9, action=Action.REJECT),))},
        articles={"obit-1": Override(without=frozenset({"relevance"}))},
    )


def test_the_default_policy_survives_its_document() -> None:
    assert parse(json.loads(json.dumps(dump(default_policy()))), 1) == default_policy()


def test_the_version_in_a_document_is_not_the_writers_to_choose() -> None:
    assert parse(a_document(version=99), 3).version == 3


def test_without_a_default_nothing_fired_publishes() -> None:
    assert parse(a_document(), 1).default is Action.PUBLISH


@pytest.mark.parametrize("name", [name for name in FOR_RULES if SIGNALS[name].scale == "score"])
@pytest.mark.parametrize(("limit", "accepted"), [(0, True), (0.5, True), (1, True), (-0.01, False), (1.01, False)])
def test_a_score_has_a_limit_from_0_to_1(name: str, limit: float, accepted: bool) -> None:
    bound = "at_least" if SIGNALS[name].worse == "high" else "below"
    document = a_document(rules=[{"signal": name, "action": "flag", bound: limit}])

    if accepted:
        assert parse(document, 1).rules[0].conditions[0].limit == limit
    else:
        assert problems(document) == {f"rules[0].{bound}": "is not between 0 and 1"}


@pytest.mark.parametrize("name", [name for name in FOR_RULES if SIGNALS[name].scale == "count"])
@pytest.mark.parametrize(
    ("limit", "accepted"), [(1, True), (3, True), (3.0, True), (0, False), (0.5, False), (2.5, False)]
)
def test_a_count_has_a_whole_limit_from_1_up(name: str, limit: float, accepted: bool) -> None:
    bound = SIGNALS[name].bound_for(Action.FLAG)
    document = a_document(rules=[{"signal": name, "action": "flag", bound: limit}])

    if accepted:
        assert parse(document, 1).rules[0].conditions[0].limit == limit
    else:
        assert problems(document) == {f"rules[0].{bound}": "is not a whole number from 1 up"}


@pytest.mark.parametrize("limit", ["0.8", True, [0.8]])
def test_a_limit_is_a_number(limit: object) -> None:
    assert problems(with_rule(at_least=limit)) == {"rules[0].at_least": "is not a number"}


@pytest.mark.parametrize("limit", [math.nan, math.inf])
@pytest.mark.parametrize("signal", ["toxicity", "links"])
def test_a_limit_is_finite(signal: str, limit: float) -> None:
    assert list(problems(with_rule(signal=signal, at_least=limit))) == ["rules[0].at_least"]


@pytest.mark.parametrize("name", FOR_RULES)
@pytest.mark.parametrize("action", list(Action))
def test_a_rule_looks_at_the_end_of_the_signal_that_its_action_means(name: str, action: Action) -> None:
    worse_end = "at_least" if SIGNALS[name].worse == "high" else "below"
    better_end = "below" if worse_end == "at_least" else "at_least"
    right, wrong = (better_end, worse_end) if action is Action.PUBLISH else (worse_end, better_end)

    rule = {"signal": name, "action": action.value}

    assert parse(a_document(rules=[{**rule, right: 1}]), 1).rules[0].action is action
    assert f"so use {right}" in problems(a_document(rules=[{**rule, wrong: 1}]))[f"rules[0].{wrong}"]


@pytest.mark.parametrize("bounds", [{}, {"at_least": 0.8, "below": 0.9}, {"at_least": None}])
def test_a_rule_has_exactly_one_bound(bounds: dict[str, float]) -> None:
    assert problems(with_rule(**bounds)) == {"rules[0]": "needs one of at_least and below"}


def test_a_bound_may_be_written_as_null_beside_the_other() -> None:
    assert parse(with_rule(at_least=0.8, below=None), 1).rules == (a_rule("toxicity", 0.8),)


@pytest.mark.parametrize("signal", ["toxcity", "", None, 3, ["toxicity"]])
def test_an_unknown_signal_is_refused_everywhere(signal: object) -> None:
    document = a_document(
        required=[signal],
        rules=[{"signal": signal, "at_least": 0.5, "action": "flag"}],
        sections={"sport": {"without": ["toxicity", signal]}},
    )

    assert list(problems(document)) == ["rules[0].signal", "required[0]", "sections.sport.without[1]"]


def test_language_is_neither_ruled_on_nor_dropped() -> None:
    document = a_document(
        rules=[{"signal": "language.supported", "below": 1, "action": "flag"}],
        articles={"a-1": {"without": ["language.supported"]}},
    )

    assert list(problems(document)) == ["rules[0].signal", "articles.a-1.without"]


@pytest.mark.parametrize("action", ["delete", "", None, 1, ["flag"]])
def test_an_action_is_one_of_three(action: object) -> None:
    assert problems(with_rule(at_least=0.8, action=action)) == {
        "rules[0].action": "is not one of publish, flag, reject"
    }


def test_the_default_cannot_reject_because_a_flag_would_then_be_milder_than_no_rule() -> None:
    assert problems(a_document(default="reject")) == {"default": "is not one of publish, flag"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (a_document(rulez=[]), "rulez"),
        (with_rule(at_least=0.8, limit=1), "rules[0].limit"),
        (a_document(sections={"sport": {"required": []}}), "sections.sport.required"),
        (a_document(articles={"a-1": {"rules": [{"signal": "links", "at_least": 1, "action": "flag", "x": 1}]}}),
         "articles.a-1.rules[0].x"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused(document: dict[str, Any], field: str) -> None:
    assert problems(document) == {field: "is not known here"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "policy"),
        (a_document(rules={}), "rules"),
        (a_document(rules=["toxicity"]), "rules[0]"),
        (a_document(required="toxicity"), "required"),
        (a_document(banned_words="rotter"), "banned_words"),
        (a_document(sections=[]), "sections"),
        (a_document(sections={"sport": []}), "sections.sport"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(document: object, field: str) -> None:
    assert field in problems(document)


def test_rules_and_required_must_be_written_out() -> None:
    assert problems({}) == {"rules": "is missing", "required": "is missing"}


def test_every_problem_is_named_at_once() -> None:
    document = a_document(
        default="maybe",
        rules=[
            {"signal": "toxicity", "at_least": 2, "action": "flag"},
            {"signal": "links", "below": 1, "action": "flag"},
        ],
        sections={"sport": {"rules": [{"signal": "no", "at_least": 1, "action": "flag"}]}},
    )

    assert list(problems(document)) == [
        "rules[0].at_least",
        "rules[1].below",
        "default",
        "sections.sport.rules[0].signal",
    ]


def test_an_override_does_not_drop_a_signal_that_it_rules_on() -> None:
    rule = {"signal": "toxicity", "at_least": 0.9, "action": "flag"}
    document = a_document(sections={"sport": {"rules": [rule], "without": ["toxicity"]}})

    assert problems(document) == {"sections.sport.without": "drops toxicity, which the rules beside it name"}


def test_rules_are_counted_through_the_whole_document() -> None:
    rule = {"signal": "links", "at_least": 1, "action": "flag"}
    full = a_document(rules=[rule] * 150, sections={"sport": {"rules": [rule] * 50}})

    assert len(parse(full, 1).rules) == 150
    assert problems({**full, "articles": {"a-1": {"rules": [rule]}}}) == {
        "articles.a-1.rules": "brings the policy to 201 rules and it may hold 200"
    }


@pytest.mark.parametrize("field", ["banned_words", "suspect_words"])
class TestWords:
    def test_up_to_5000_of_up_to_100_characters(self, field: str) -> None:
        assert parse(a_document(**{field: ["x" * 100] * 5000}), 1)
        assert problems(a_document(**{field: ["x"] * 5001})) == {field: "holds 5001 words and may hold 5000"}

    @pytest.mark.parametrize("word", ["", "   ", "x" * 101, None, 5])
    def test_a_word_is_a_text(self, field: str, word: object) -> None:
        assert problems(a_document(**{field: ["fine", word]})) == {
            f"{field}[1]": "is not a text of 1 to 100 characters"
        }

    @pytest.mark.parametrize("word", ["-", "' '", "\u200b", "-- *"])
    def test_a_word_holds_something_to_look_for(self, field: str, word: str) -> None:
        assert list(problems(a_document(**{field: [word]}))) == [f"{field}[0]"]

    @pytest.mark.parametrize("word", ["*", "ab*", "*rotter", "rot*ter", "rotter**"])
    def test_a_star_needs_three_characters_before_it(self, field: str, word: str) -> None:
        assert list(problems(a_document(**{field: [word]}))) == [f"{field}[0]"]

    def test_three_characters_and_a_star_are_accepted(self, field: str) -> None:
        assert parse(a_document(**{field: ["rot*"]}), 1)


def test_a_label_is_at_most_200_characters() -> None:
    assert parse(with_rule(at_least=0.8, label="x" * 200), 1)
    assert list(problems(with_rule(at_least=0.8, label="x" * 201))) == ["rules[0].label"]


def test_a_section_has_a_name() -> None:
    assert list(problems(a_document(sections={"": {}}))) == ["sections"]


@pytest.mark.parametrize("field", ["blocked_domains", "allowed_domains"])
class TestDomains:
    def test_they_are_kept_as_hosts_are_compared(self, field: str) -> None:
        policy = parse(a_document(**{field: [" Example.ORG ", "www.casino.example", "bücher.example"]}), 1)

        assert getattr(policy, field) == {"example.org", "casino.example", "xn--bcher-kva.example"}
        assert parse(json.loads(json.dumps(dump(policy))), 1) == policy

    @pytest.mark.parametrize("entry", ["", "org", "https://example.org", "example.org/path", "a@example.org", 5, None])
    def test_anything_else_is_refused_by_its_place(self, field: str, entry: object) -> None:
        assert problems(a_document(**{field: ["example.org", entry]})) == {
            f"{field}[1]": "is not a domain such as example.org"
        }

    def test_there_are_up_to_5000(self, field: str) -> None:
        assert problems(a_document(**{field: ["example.org"] * 5001})) == {
            field: "holds 5001 domains and may hold 5000"
        }
