"""Rules that look at several signals at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.values import json_form
from moderation.ground.values.policies import Override, Policy
from moderation.ground.values.signals import Signal, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, Part, Reason, ReasonCode, Verdict
from moderation.judging.policy.documents import dump, parse
from moderation.judging.policy.ready import READY
from moderation.judging.policy.trust import GRAVE
from moderation.judging.policy.verdicts import decide, in_force
from moderation.judging.policy.wording import changes, override_in_words
from tests.builders import a_combined_rule, a_condition, a_policy, a_rule, a_signal

FEW = a_condition("author.published", below=3)
LINK = a_condition("links", 1)
NEWCOMERS_LINK = a_combined_rule(FEW, LINK, label="A newcomer's link")
FORM: dict[str, Any] = {
    "all": [{"signal": "author.published", "below": 3}, {"signal": "links", "at_least": 1}],
    "action": "flag",
    "label": "A newcomer's link",
}


def verdict_on(policy: Policy, *signals: Signal, where: Circumstances | None = None) -> Verdict:
    return decide(signals, policy, where or Circumstances())


def problems(*rules: Any, **document: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse({"rules": list(rules), "required": [], **document}, 1)
    return {problem.field: problem.message for problem in refusal.value.problems}


class TestVerdicts:
    def test_it_fires_with_each_value_beside_its_limit_and_its_own_evidence(self) -> None:
        evidence = (Span(3, 9),)

        verdict = verdict_on(
            a_policy(NEWCOMERS_LINK), a_signal("author.published", 0), a_signal("links", 2, evidence=evidence)
        )

        assert verdict.action is Action.FLAG
        (reason,) = verdict.reasons
        assert (reason.code, reason.label, reason.signal) == (ReasonCode.COMBINED, "A newcomer's link", None)
        assert reason.parts == (
            Part("author.published", 0, "below", 3),
            Part("links", 2, "at_least", 1, evidence),
        )

    @pytest.mark.parametrize(("published", "links"), [(3, 1), (0, 0), (3, 0)])
    def test_it_does_not_fire_where_one_condition_is_not_true(self, published: int, links: int) -> None:
        verdict = verdict_on(
            a_policy(NEWCOMERS_LINK), a_signal("author.published", published), a_signal("links", links)
        )

        assert verdict.action is Action.PUBLISH

    @pytest.mark.parametrize("other", [None, a_signal("author.published", abstained="not sent")])
    def test_a_signal_that_abstains_or_stays_away_fires_nothing(self, other: Signal | None) -> None:
        assert verdict_on(a_policy(NEWCOMERS_LINK), a_signal("links", 9), *filter(None, [other])).action is (
            Action.PUBLISH
        )

    @pytest.mark.parametrize("links", [0, 2])
    def test_a_signal_that_came_empty_is_missing_whatever_the_others_are(self, links: int) -> None:
        verdict = verdict_on(a_policy(NEWCOMERS_LINK), a_signal("author.published", None), a_signal("links", links))

        assert (verdict.reasons[0].code, verdict.reasons[0].signal) == (ReasonCode.MISSING, "author.published")
        assert verdict.action is Action.FLAG

    def test_it_disagrees_with_a_rule_that_publishes_like_any_other(self) -> None:
        civil = a_combined_rule(a_condition("toxicity", below=0.1), FEW_BAD, action=Action.PUBLISH)
        policy = a_policy(civil, a_rule("links", 1))

        verdict = verdict_on(
            policy, a_signal("toxicity", 0.0), a_signal("author.rejection_rate", 0.0), a_signal("links", 1)
        )

        assert verdict.reasons[0].detail == "author.rejection_rate, toxicity against links"

    def test_it_is_as_far_exceeded_as_the_signal_nearest_to_its_limit(self) -> None:
        both = a_combined_rule(a_condition("toxicity", 0.5), a_condition("insult", 0.8))
        policy = a_policy(both, a_rule("threat", 0.5))

        verdict = verdict_on(policy, a_signal("toxicity", 1), a_signal("insult", 0.84), a_signal("threat", 0.7))

        assert [r.signal for r in verdict.reasons] == ["threat", None]  # 40 % and 20 % beyond

    def test_a_trusted_author_is_spared_where_one_of_the_limits_is_of_taste(self) -> None:
        rude = a_combined_rule(a_condition("toxicity", 0.5), LINK)

        verdict = verdict_on(
            a_policy(rude),
            a_signal("toxicity", 0.9),
            a_signal("links", 1),
            *(a_signal(name, 0.02) for name in sorted(GRAVE)),
            where=Circumstances(author_trusted=True),
        )

        assert verdict.action is Action.PUBLISH
        assert verdict.reasons[1].detail == "trusted author: the links and toxicity limits were not applied"
        assert len(verdict.reasons[1].parts) == 2


FEW_BAD = a_condition("author.rejection_rate", below=0.05)


class TestOverrides:
    def in_sport(self, override: Override, **policy: Any) -> tuple[Any, ...]:
        made = a_policy(NEWCOMERS_LINK, a_rule("links", 3), sections={"sport": override}, **policy)
        return in_force(made, Circumstances(section="sport")).rules

    def test_a_rule_on_one_of_its_signals_leaves_it_alone(self) -> None:
        assert self.in_sport(Override((a_rule("links", 9),))) == (NEWCOMERS_LINK, a_rule("links", 9))

    def test_a_rule_on_the_same_signals_replaces_it_and_no_single_one(self) -> None:
        milder = a_combined_rule(a_condition("links", 2), FEW)

        assert self.in_sport(Override((milder,))) == (a_rule("links", 3), milder)

    def test_dropping_one_of_its_signals_drops_it(self) -> None:
        assert self.in_sport(Override(without=frozenset({"author.published"}))) == (a_rule("links", 3),)


class TestDocument:
    def test_it_is_read_and_written(self) -> None:
        policy = parse({"rules": [FORM], "required": []}, 1)

        assert policy.rules == (NEWCOMERS_LINK,)
        assert parse(json.loads(json.dumps(dump(policy))), 1) == policy
        assert dump(policy)["rules"] == [FORM]

    @pytest.mark.parametrize("action", list(Action))
    def test_each_condition_points_the_right_way(self, action: Action) -> None:
        needed = {"links": "at_least", "relevance": "below"}
        other = {"at_least": "below", "below": "at_least"}
        if action is Action.PUBLISH:
            needed = {name: other[bound] for name, bound in needed.items()}
        right = [{"signal": name, bound: 1} for name, bound in needed.items()]
        wrong = [{"signal": name, other[bound]: 1} for name, bound in needed.items()]

        assert parse({"rules": [{"all": right, "action": action}], "required": []}, 1).rules[0].action is action
        for at in range(2):
            mixed = [wrong[i] if i == at else right[i] for i in range(2)]
            bound = other[list(needed.values())[at]]
            found = problems({"all": mixed, "action": action})
            assert list(found) == [f"rules[0].all[{at}].{bound}"]
            assert f"would {action} the better comments" in found[f"rules[0].all[{at}].{bound}"]

    @pytest.mark.parametrize("count", [0, 1, 6])
    def test_it_has_two_to_five_conditions(self, count: int) -> None:
        names = ["links", "repeat", "reports", "toxicity", "insult", "threat"]
        conditions = [{"signal": name, "at_least": 1} for name in names[:count]]

        assert problems({**FORM, "all": conditions}) == {"rules[0].all": "needs 2 to 5 conditions"}

    def test_it_names_no_signal_twice(self) -> None:
        twice = [{"signal": "links", "at_least": n} for n in (1, 2)]

        assert problems({**FORM, "all": twice}) == {"rules[0].all": "names links more than once"}

    @pytest.mark.parametrize(
        ("rule", "field"),
        [
            ({**FORM, "signal": "links"}, "rules[0].signal"),
            ({**FORM, "all": [*FORM["all"][:1], {"signal": "links"}]}, "rules[0].all[1]"),
            ({**FORM, "all": [*FORM["all"][:1], {"signal": "lynx", "at_least": 1}]}, "rules[0].all[1].signal"),
            ({**FORM, "all": [*FORM["all"][:1], {**FORM["all"][1], "label": "x"}]}, "rules[0].all[1].label"),
            ({**FORM, "all": {}}, "rules[0].all"),
            ({**FORM, "action": "delete"}, "rules[0].action"),
            ({**FORM, "label": "x" * 201}, "rules[0].label"),
        ],
    )
    def test_a_wrong_field_is_named_by_its_place(self, rule: Any, field: str) -> None:
        assert list(problems(rule)) == [field]

    def test_sections_called_like_the_kinds_of_rules_are_named_whole(self) -> None:
        wrong = {"rules": [{**FORM, "action": "delete"}]}

        assert list(problems(sections={"single": wrong, "combined": wrong})) == [
            "sections.single.rules[0].action",
            "sections.combined.rules[0].action",
        ]

    def test_an_override_does_not_drop_a_signal_that_it_looks_at(self) -> None:
        override = {"rules": [FORM], "without": ["links"]}

        assert problems(sections={"sport": override}) == {
            "sections.sport.without": "drops links, which the rules beside it name"
        }


class TestReasons:
    REASON = Reason(
        ReasonCode.COMBINED,
        Action.FLAG,
        label="A newcomer's link",
        parts=(Part("author.published", 0.0, "below", 3), Part("links", 2.0, "at_least", 1, (Span(3, 9),))),
    )

    def test_they_survive_their_json_form(self) -> None:
        form = json.loads(json.dumps(json_form.reason_to_json(self.REASON)))

        assert json_form.reason_from_json(form) == self.REASON

    def test_a_reason_that_was_stored_before_there_were_parts_is_read(self) -> None:
        old = Reason(ReasonCode.RULE, Action.FLAG, "toxicity", 0.9, 0.8, "at_least", "Toxic")
        form = json_form.reason_to_json(old)
        del form["parts"]

        read = json_form.reason_from_json(form)

        assert read == old
        assert read.looked_at == (Part("toxicity", 0.9, "at_least", 0.8),)


class TestWording:
    def test_a_change_of_one_limit_is_said_in_words(self) -> None:
        later = {**FORM, "all": [FORM["all"][0], {"signal": "links", "at_least": 2}]}

        assert changes({"rules": [FORM]}, {"rules": [later]}) == [
            "A newcomer's link, flag: Author's published comments below 3 and Links from 1 → "
            "Author's published comments below 3 and Links from 2"
        ]

    def test_a_rule_of_a_section_is_said_in_words(self) -> None:
        nameless = {**FORM, "label": ""}

        assert override_in_words({"rules": [nameless]}) == (
            "Author's published comments and Links: flag where Author's published comments below 3 and Links from 1"
        )


def test_the_ready_rules_are_valid() -> None:
    assert len(parse({"rules": list(READY.values()), "required": []}, 1).rules) == len(READY)
