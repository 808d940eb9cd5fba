"""How signals, rules and circumstances become a verdict."""

from __future__ import annotations

import math

import pytest

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.policies import Override, Policy, Rule, SiteLanguages
from moderation.ground.values.signals import Of, Signal, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, ReasonCode, Verdict
from moderation.judging.policy.verdicts import READ_IN_PART, decide, in_force
from tests.builders import a_policy, a_rule, a_signal

ANYWHERE = Circumstances()
PREMODERATED = Circumstances(article_state=ArticleState.PREMODERATED)
ON_HOLD = Circumstances(author_on_hold=True)
TRUSTED = Circumstances(author_trusted=True)


def codes(verdict: Verdict) -> list[ReasonCode]:
    return [reason.code for reason in verdict.reasons]


def named(verdict: Verdict) -> list[str | None]:
    return [reason.signal for reason in verdict.reasons]


def verdict_on(policy: Policy, *signals: Signal, where: Circumstances = ANYWHERE) -> Verdict:
    return decide(signals, policy, where)


def test_a_fired_rule_gives_the_value_beside_the_limit_with_its_evidence() -> None:
    evidence = (Span(3, 9),)

    verdict = verdict_on(a_policy(a_rule("insult", 0.7, label="Insulting")), a_signal("insult", 0.9, evidence=evidence))

    assert verdict.action is Action.FLAG
    (reason,) = verdict.reasons
    assert (reason.code, reason.action, reason.signal) == (ReasonCode.RULE, Action.FLAG, "insult")
    assert (reason.value, reason.bound, reason.limit) == (0.9, "at_least", 0.7)
    assert (reason.label, reason.evidence) == ("Insulting", evidence)


@pytest.mark.parametrize("default", [Action.PUBLISH, Action.FLAG])
def test_where_no_rule_fires_the_default_holds_and_says_so(default: Action) -> None:
    verdict = verdict_on(a_policy(default=default), a_signal("toxicity", 0.1))

    assert verdict.action is default
    assert codes(verdict) == [ReasonCode.DEFAULT]
    assert verdict.reasons[0].value is None


@pytest.mark.parametrize(("value", "action"), [(0.1, Action.FLAG), (0.6, Action.FLAG), (0.95, Action.REJECT)], ids=str)
def test_a_comment_that_was_read_in_part_goes_to_a_person_unless_that_part_is_enough(
    value: float, action: Action
) -> None:
    policy = a_policy(a_rule("toxicity", 0.5), a_rule("toxicity", 0.9, action=Action.REJECT))

    verdict = verdict_on(policy, Signal("toxicity", value, "t@1", in_part=(Of.COMMENT,)))

    assert verdict.action is action
    assert READ_IN_PART in verdict.reasons


def test_an_article_that_was_read_in_part_keeps_nothing_from_being_published() -> None:
    verdict = verdict_on(a_policy(), Signal("relevance", 0.9, "r@1", in_part=(Of.ARTICLE,)))

    assert verdict.action is Action.PUBLISH


def test_the_most_severe_of_the_fired_rules_wins() -> None:
    policy = a_policy(a_rule("toxicity", 0.8), a_rule("toxicity", 0.97, action=Action.REJECT))

    assert verdict_on(policy, a_signal("toxicity", 0.96)).action is Action.FLAG
    assert verdict_on(policy, a_signal("toxicity", 0.97)).action is Action.REJECT


def test_a_signal_that_nobody_asked_about_changes_nothing() -> None:
    verdict = verdict_on(a_policy(), a_signal("toxicity", 0.1), a_signal("insult", 1.0), a_signal("threat", None))

    assert verdict.action is Action.PUBLISH


class TestMissing:
    @pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
    def test_a_required_signal_without_a_number_goes_to_a_person(self, value: float | None) -> None:
        verdict = verdict_on(a_policy(required={"toxicity"}), a_signal("toxicity", value))

        assert verdict.action is Action.FLAG
        assert (codes(verdict), named(verdict)) == ([ReasonCode.MISSING], ["toxicity"])

    def test_a_required_signal_that_did_not_come_goes_to_a_person(self) -> None:
        verdict = verdict_on(a_policy(required={"toxicity", "relevance"}), a_signal("toxicity", 0.1))

        assert verdict.action is Action.FLAG
        assert named(verdict) == ["relevance"]

    def test_a_required_signal_that_abstains_is_not_missing_and_fires_no_rule(self) -> None:
        policy = a_policy(a_rule("relevance", below=0.1), required={"relevance"})

        verdict = verdict_on(policy, a_signal("relevance", abstained="too short"))

        assert verdict.action is Action.PUBLISH
        assert codes(verdict) == [ReasonCode.DEFAULT]

    def test_a_signal_that_came_empty_is_missing_wherever_a_rule_asks_for_it(self) -> None:
        verdict = verdict_on(a_policy(a_rule("insult")), a_signal("insult", None))

        assert verdict.action is Action.FLAG
        assert codes(verdict) == [ReasonCode.MISSING]

    def test_a_signal_that_is_ruled_on_but_not_required_may_stay_away(self) -> None:
        assert verdict_on(a_policy(a_rule("insult"))).action is Action.PUBLISH

    def test_nobody_is_rejected_while_a_required_signal_is_missing(self) -> None:
        policy = a_policy(a_rule("links", 3, action=Action.REJECT), required={"toxicity"})

        verdict = verdict_on(policy, a_signal("links", 9))

        assert verdict.action is Action.FLAG
        assert codes(verdict) == [ReasonCode.MISSING, ReasonCode.RULE]

    def test_nothing_is_published_by_a_rule_while_a_required_signal_is_missing(self) -> None:
        policy = a_policy(a_rule("relevance", 0.9, action=Action.PUBLISH), required={"toxicity"})

        assert verdict_on(policy, a_signal("relevance", 1.0)).action is Action.FLAG


class TestLanguage:
    def test_a_language_without_a_model_goes_to_a_person(self) -> None:
        verdict = verdict_on(
            a_policy(required={"toxicity"}),
            a_signal("toxicity", abstained="language: sw"),
            a_signal("language.supported", 0.0),
        )

        assert verdict.action is Action.FLAG
        assert codes(verdict) == [ReasonCode.LANGUAGE]

    def test_no_override_switches_it_off(self) -> None:
        policy = a_policy(sections={"sport": Override(without=frozenset({"language.supported"}))})

        verdict = verdict_on(policy, a_signal("language.supported", 0.0), where=Circumstances(section="sport"))

        assert verdict.action is Action.FLAG

    def test_nobody_is_rejected_in_a_language_without_a_model(self) -> None:
        policy = a_policy(a_rule("words.banned", 1, action=Action.REJECT))

        verdict = verdict_on(policy, a_signal("words.banned", 2), a_signal("language.supported", 0.0))

        assert verdict.action is Action.FLAG

    def test_a_known_language_changes_nothing(self) -> None:
        assert verdict_on(a_policy(), a_signal("language.supported", 1.0)).action is Action.PUBLISH

    @pytest.mark.parametrize(
        ("value", "source", "languages", "detail"),
        [
            (0.0, "lang:sw", SiteLanguages(), "no model for Swahili"),
            (0.0, "lang:und", SiteLanguages(), "the language is not clear"),
            (0.0, "lang:sw", SiteLanguages(trusted=frozenset({"sw"})), "no model for Swahili"),
            (0.5, "lang:fr", SiteLanguages(), "scores only advise in French"),
            (0.5, "lang:en+fr", SiteLanguages(trusted=frozenset({"it"})), "scores only advise in English and French"),
            (1.0, "lang:de", SiteLanguages(held=frozenset({"de"})), "the site sends comments in German to a person"),
            (1.0, "lang:en+de", SiteLanguages(held=frozenset({"de"})), "the site sends comments in German to a person"),
        ],
    )
    def test_a_person_decides_in_a_language_that_is_not_trusted(
        self, value: float, source: str, languages: SiteLanguages, detail: str
    ) -> None:
        signal = Signal("language.supported", value, source)

        verdict = verdict_on(a_policy(), signal, where=Circumstances(languages=languages))

        assert (verdict.action, [r.detail for r in verdict.reasons]) == (Action.FLAG, [detail])

    @pytest.mark.parametrize(
        ("value", "source", "languages"),
        [
            (1.0, "lang:de", SiteLanguages(held=frozenset({"tr"}))),
            (0.5, "lang:fr", SiteLanguages(trusted=frozenset({"fr"}))),
            (0.5, "lang:fr+en", SiteLanguages(trusted=frozenset({"fr", "en"}))),
        ],
    )
    def test_the_policy_decides_in_a_language_that_is_trusted(
        self, value: float, source: str, languages: SiteLanguages
    ) -> None:
        signal = Signal("language.supported", value, source)

        verdict = verdict_on(a_policy(), signal, where=Circumstances(languages=languages))

        assert verdict.action is Action.PUBLISH

    def test_a_language_check_that_broke_goes_to_a_person(self) -> None:
        verdict = verdict_on(a_policy(), a_signal("language.supported", None))

        assert (verdict.action, codes(verdict)) == (Action.FLAG, [ReasonCode.MISSING])


class TestDisagreement:
    TRUSTING = a_rule("author.rejection_rate", below=0.05, action=Action.PUBLISH)

    @pytest.mark.parametrize("action", [Action.FLAG, Action.REJECT])
    def test_a_rule_that_publishes_beside_one_that_does_not_goes_to_a_person(self, action: Action) -> None:
        policy = a_policy(self.TRUSTING, a_rule("toxicity", 0.8, action=action))

        verdict = verdict_on(policy, a_signal("toxicity", 0.9), a_signal("author.rejection_rate", 0.0))

        assert verdict.action is Action.FLAG
        assert codes(verdict) == [ReasonCode.DISAGREEMENT, ReasonCode.RULE, ReasonCode.RULE]
        assert verdict.reasons[0].detail == "author.rejection_rate against toxicity"

    def test_a_rule_that_publishes_alone_publishes_against_the_default(self) -> None:
        policy = a_policy(self.TRUSTING, default=Action.FLAG)

        assert verdict_on(policy, a_signal("author.rejection_rate", 0.0)).action is Action.PUBLISH
        assert verdict_on(policy, a_signal("author.rejection_rate", 0.05)).action is Action.FLAG


class TestCircumstances:
    @pytest.mark.parametrize(
        ("where", "code"), [(PREMODERATED, ReasonCode.PREMODERATED), (ON_HOLD, ReasonCode.AUTHOR_HOLD)]
    )
    def test_everything_goes_to_a_person(self, where: Circumstances, code: ReasonCode) -> None:
        verdict = verdict_on(a_policy(), a_signal("toxicity", 0.0), where=where)

        assert (verdict.action, codes(verdict)) == (Action.FLAG, [code])

    @pytest.mark.parametrize("where", [PREMODERATED, ON_HOLD])
    def test_a_rule_that_publishes_does_not_overrule_it(self, where: Circumstances) -> None:
        policy = a_policy(a_rule("relevance", 0.5, action=Action.PUBLISH))

        assert verdict_on(policy, a_signal("relevance", 1.0), where=where).action is Action.FLAG

    @pytest.mark.parametrize("where", [PREMODERATED, ON_HOLD])
    def test_a_rule_that_rejects_still_rejects(self, where: Circumstances) -> None:
        policy = a_policy(a_rule("toxicity", 0.9, action=Action.REJECT))

        assert verdict_on(policy, a_signal("toxicity", 0.9), where=where).action is Action.REJECT


class TestOverrides:
    SPORT = Override(rules=(a_rule("toxicity", 0.9),), without=frozenset({"relevance"}))
    OBITUARY = Override(rules=(a_rule("toxicity", 0.3),))
    POLICY = a_policy(
        a_rule("toxicity", 0.8),
        a_rule("toxicity", 0.95, action=Action.REJECT),
        a_rule("relevance", below=0.1),
        required={"toxicity", "relevance"},
        sections={"sport": SPORT},
        articles={"obit-1": OBITUARY},
    )

    def rules(self, section: str | None = None, article_id: str | None = None) -> tuple[Rule, ...]:
        return in_force(self.POLICY, Circumstances(article_id, section)).rules

    def test_elsewhere_the_base_rules_hold(self) -> None:
        assert self.rules(section="politics", article_id="other") == self.POLICY.rules

    def test_a_section_replaces_all_rules_on_its_signals_and_drops_others(self) -> None:
        assert self.rules(section="sport") == (a_rule("toxicity", 0.9),)

    def test_an_article_comes_after_its_section(self) -> None:
        assert self.rules(section="sport", article_id="obit-1") == (a_rule("toxicity", 0.3),)
        assert self.rules(article_id="obit-1") == (a_rule("relevance", below=0.1), a_rule("toxicity", 0.3))

    def test_a_dropped_signal_is_no_longer_required(self) -> None:
        verdict = verdict_on(self.POLICY, a_signal("toxicity", 0.1), where=Circumstances(section="sport"))

        assert verdict.action is Action.PUBLISH

    def test_a_signal_that_an_article_rules_on_again_is_required_again(self) -> None:
        again = Override(rules=(a_rule("relevance", below=0.05),))
        policy = a_policy(required={"relevance"}, sections={"sport": self.SPORT}, articles={"final": again})

        force = in_force(policy, Circumstances(section="sport", article_id="final"))

        assert force.required == {"relevance"}

    def test_an_override_requires_nothing_that_the_policy_does_not(self) -> None:
        policy = a_policy(sections={"sport": self.SPORT})

        assert in_force(policy, Circumstances(section="sport")).required == frozenset()


class TestOrderOfReasons:
    def test_the_most_exceeded_limit_comes_first(self) -> None:
        policy = a_policy(a_rule("toxicity", 0.8), a_rule("relevance", below=0.2), a_rule("links", 3))

        verdict = verdict_on(policy, a_signal("links", 4), a_signal("toxicity", 0.9), a_signal("relevance", 0.02))

        assert named(verdict) == ["relevance", "toxicity", "links"]  # 90 %, 50 % and 25 % beyond

    def test_counts_are_weighed_beside_scores(self) -> None:
        policy = a_policy(a_rule("toxicity", 0.8), a_rule("links", 3), a_rule("repeat", 1))

        verdict = verdict_on(policy, a_signal("repeat", 1), a_signal("toxicity", 0.9), a_signal("links", 30))

        assert named(verdict) == ["links", "toxicity", "repeat"]  # 90 %, 50 % and not at all

    def test_a_more_severe_rule_comes_before_a_more_exceeded_one(self) -> None:
        policy = a_policy(a_rule("insult", 0.1), a_rule("threat", 0.9, action=Action.REJECT))

        verdict = verdict_on(policy, a_signal("insult", 1.0), a_signal("threat", 0.9))

        assert named(verdict) == ["threat", "insult"]

    def test_reasons_that_stop_the_rules_come_first_and_circumstances_last(self) -> None:
        policy = a_policy(
            a_rule("toxicity", 0.5),
            a_rule("repeat", below=1, action=Action.PUBLISH),
            required={"relevance"},
        )
        signals = (a_signal("toxicity", 0.9), a_signal("repeat", 0), a_signal("language.supported", 0))
        where = Circumstances(article_state=ArticleState.PREMODERATED, author_on_hold=True)

        verdict = decide(signals, policy, where)

        assert codes(verdict) == [
            ReasonCode.LANGUAGE,
            ReasonCode.MISSING,
            ReasonCode.DISAGREEMENT,
            ReasonCode.RULE,
            ReasonCode.PREMODERATED,
            ReasonCode.AUTHOR_HOLD,
            ReasonCode.RULE,
        ]
        assert verdict.reasons[-1].action is Action.PUBLISH

    def test_a_value_below_the_scale_is_no_trouble(self) -> None:
        assert named(verdict_on(a_policy(a_rule("relevance", below=0)), a_signal("relevance", -0.1))) == ["relevance"]

    @pytest.mark.parametrize(("limit", "value"), [(0, 0.0), (1, 1.0)])
    def test_limits_at_the_ends_of_the_scale_are_no_trouble(self, limit: float, value: float) -> None:
        policy = a_policy(a_rule("toxicity", limit), a_rule("relevance", below=1))

        assert named(verdict_on(policy, a_signal("toxicity", value), a_signal("relevance", 0.0)))[0] == "relevance"
