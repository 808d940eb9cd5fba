"""The limits that an author's good name lifts, and those that it never does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.measures import Standing
from moderation.ground.values.policies import Override, Policy, Rule, SiteLanguages
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, ReasonCode, Verdict
from moderation.judging.policy import replay, tries
from moderation.judging.policy.baseline import baseline
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.replay import ReplayedComment
from moderation.judging.policy.trust import GRAVE, NEAR, SPARED
from moderation.judging.policy.verdicts import decide
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.text.reading_budget import UNLIMITED
from tests.builders import (
    NOON,
    a_combined_rule,
    a_comment_to_score,
    a_condition,
    a_policy,
    a_rule,
    a_signal,
    an_author,
)
from tests.moderation.judging.policy.test_verdicts import codes, named

TRUSTED = Circumstances(author_trusted=True)
CALM = tuple(a_signal(name, 0.02) for name in sorted(GRAVE))
LEGS = {"toxicity": 0.929, "severe_toxicity": 0.374, "threat": 0.551, "insult": 0.347, "identity_attack": 0.02}
"""As the bundled weights score "I will find you and break your legs." The limit of a threat is 0.56."""
GOOD_RECORD = a_rule("author.rejection_rate", below=0.05, action=Action.PUBLISH)
SPOTLESS = a_signal("author.rejection_rate", 0.0)


def verdict_on(policy: Policy, *signals: Signal, where: Circumstances = TRUSTED) -> Verdict:
    return decide(signals, policy, where)


def but(name: str, value: float | None = None, *, abstained: str | None = None) -> tuple[Signal, ...]:
    """The calm signals with another value of this one."""
    return (*(s for s in CALM if s.name != name), a_signal(name, value, abstained=abstained))


class TestLimitsOfTaste:
    @pytest.mark.parametrize("signal", ["toxicity", "insult", "obscene"])
    def test_a_mild_limit_holds_nothing_of_theirs_and_says_so(self, signal: str) -> None:
        verdict = verdict_on(a_policy(a_rule(signal, 0.8)), a_signal(signal, 0.9), *CALM)

        assert verdict.action is Action.PUBLISH
        assert codes(verdict) == [ReasonCode.DEFAULT, ReasonCode.AUTHOR_TRUSTED]
        spared = verdict.reasons[1]
        assert spared.detail == f"trusted author: the {signal} limit was not applied"
        assert (spared.signal, spared.value, spared.limit, spared.bound) == (signal, 0.9, 0.8, "at_least")

    def test_straying_from_the_topic_holds_nothing_of_theirs(self) -> None:
        verdict = verdict_on(a_policy(a_rule("relevance", below=0.1)), a_signal("relevance", 0.01), *CALM)

        assert verdict.action is Action.PUBLISH

    def test_a_limit_that_is_not_reached_is_not_mentioned(self) -> None:
        assert codes(verdict_on(a_policy(), a_signal("toxicity", 0.7), *CALM)) == [ReasonCode.DEFAULT]

    @pytest.mark.parametrize("signal", ["sexual_explicit", "words.banned", "links", "reports"])
    def test_severe_rules_hold_theirs_too(self, signal: str) -> None:
        policy = a_policy(a_rule("toxicity", 0.8), a_rule(signal, 1))

        verdict = verdict_on(policy, a_signal("toxicity", 0.99), a_signal(signal, 1.0), *CALM)

        assert verdict.action is Action.FLAG
        assert codes(verdict) == [ReasonCode.RULE, ReasonCode.AUTHOR_TRUSTED]
        assert named(verdict)[0] == signal

    def test_a_rule_that_rejects_rejects_theirs_too(self) -> None:
        policy = a_policy(a_rule("toxicity", 0.8), a_rule("toxicity", 0.98, action=Action.REJECT))

        assert verdict_on(policy, a_signal("toxicity", 0.99), *CALM).action is Action.REJECT
        assert verdict_on(policy, a_signal("toxicity", 0.97), *CALM).action is Action.PUBLISH

    def test_a_missing_signal_and_an_unknown_language_still_go_to_a_person(self) -> None:
        policy = a_policy(required={"toxicity"})

        assert verdict_on(policy, a_signal("toxicity", None), *CALM).action is Action.FLAG
        assert verdict_on(policy, a_signal("language.supported", 0.0), *CALM).action is Action.FLAG

    def test_a_default_that_flags_and_a_premoderated_article_still_hold(self) -> None:
        premoderated = Circumstances(article_state=ArticleState.PREMODERATED, author_trusted=True)

        assert verdict_on(a_policy(default=Action.FLAG), a_signal("toxicity", 0.9), *CALM).action is Action.FLAG
        assert verdict_on(a_policy(), a_signal("toxicity", 0.9), *CALM, where=premoderated).action is Action.FLAG

    @pytest.mark.parametrize(("seconds", "trusted"), [(None, True), (1, True), (0, False), (-1, False)])
    def test_a_mark_that_has_run_out_has_no_effect(self, seconds: int | None, trusted: bool) -> None:
        until = None if seconds is None else NOON + timedelta(seconds=seconds)
        scored = a_comment_to_score(author=an_author(standing=Standing.TRUSTED, standing_until=until))

        assert scored.circumstances(NOON).author_trusted is trusted
        assert not scored.circumstances(NOON).author_on_hold


class TestGrave:
    def test_a_threat_by_a_trusted_author_goes_to_a_person(self) -> None:
        signals = [a_signal(name, value) for name, value in LEGS.items()]

        verdict = verdict_on(default_policy(), *signals, a_signal("relevance", 0.9))

        assert (verdict.action, codes(verdict), named(verdict)) == (Action.FLAG, [ReasonCode.RULE], ["toxicity"])

    @pytest.mark.parametrize("taste", ["toxicity", "relevance"])
    @pytest.mark.parametrize("name", sorted(GRAVE))
    def test_a_grave_score_from_half_its_limit_leaves_every_limit_of_taste_in_force(
        self, name: str, taste: str
    ) -> None:
        policy = a_policy(a_rule("toxicity", 0.8), a_rule("relevance", below=0.1))
        beyond, near = a_signal(taste, 0.9 if taste == "toxicity" else 0.05), NEAR * DEFAULT_LIMITS[name]

        assert verdict_on(policy, beyond, *but(name, near)).action is Action.FLAG
        assert verdict_on(policy, beyond, *but(name, near - 0.001)).action is Action.PUBLISH

    @pytest.mark.parametrize("name", sorted(GRAVE))
    @pytest.mark.parametrize("taste", sorted(SPARED - {"relevance"}))
    def test_a_rule_on_several_signals_with_a_grave_one_is_never_lifted(self, name: str, taste: str) -> None:
        is_low = taste.startswith("author.")
        other = a_condition(taste, below=3) if is_low else a_condition(taste, 0.5)
        policy = a_policy(a_combined_rule(a_condition(name, 0.01), other))

        assert verdict_on(policy, a_signal(taste, 1), *CALM).action is Action.FLAG

    @pytest.mark.parametrize("name", sorted(GRAVE))
    def test_a_policy_without_a_rule_on_it_lets_trust_lift_no_more(self, name: str) -> None:
        dropping = Override(without=GRAVE)
        sport = Circumstances(section="sport", article_id="a-1", author_trusted=True)
        policy = a_policy(a_rule("toxicity", 0.8), sections={"sport": dropping}, articles={"a-1": dropping})

        for where in (TRUSTED, sport):
            assert verdict_on(policy, a_signal("toxicity", 0.9), *but(name, 0.9), where=where).action is Action.FLAG

    @pytest.mark.parametrize("name", sorted(GRAVE))
    def test_a_grave_signal_that_did_not_come_lifts_nothing_and_one_that_abstains_does(self, name: str) -> None:
        policy, rude = a_policy(a_rule("toxicity", 0.8)), a_signal("toxicity", 0.9)
        absent = [signal for signal in CALM if signal.name != name]

        assert verdict_on(policy, rude, *absent).action is Action.FLAG
        assert verdict_on(policy, rude, *but(name, None)).action is Action.FLAG
        assert verdict_on(policy, rude, *but(name, float("nan"))).action is Action.FLAG
        assert verdict_on(policy, rude, *but(name, abstained="language: und")).action is Action.PUBLISH

    def test_a_trusted_language_and_a_trusted_author_together_lift_no_threat(self) -> None:
        where = Circumstances(author_trusted=True, languages=SiteLanguages(trusted=frozenset({"de"})))
        advises = Signal("language.supported", 0.5, "lang:de")
        rude = a_signal("toxicity", 0.9)

        assert verdict_on(default_policy(), rude, a_signal("relevance", 1), advises, *CALM, where=where).action is (
            Action.PUBLISH
        )
        assert verdict_on(
            default_policy(), rude, a_signal("relevance", 1), advises, *but("threat", 0.51), where=where
        ).action is (Action.FLAG)


class TestRecords:
    @pytest.mark.parametrize("name", sorted(GRAVE))
    @pytest.mark.parametrize(
        "publishing",
        [GOOD_RECORD, a_rule("house", below=0.5, action=Action.PUBLISH)],
        ids=["good record", "house model"],
    )
    def test_a_rule_that_publishes_lifts_no_grave_score_that_the_policy_says_nothing_of(
        self, name: str, publishing: Rule
    ) -> None:
        policy, limit = a_policy(a_rule("toxicity", 0.8), publishing, default=Action.FLAG), DEFAULT_LIMITS[name]
        civil = (SPOTLESS, a_signal("house", 0.1), a_signal("toxicity", 0.7))

        held = verdict_on(policy, *civil, *but(name, limit))

        assert (held.action, held.reasons[0].code) == (Action.FLAG, ReasonCode.DISAGREEMENT)
        assert held.reasons[0].detail.endswith(f" against {name}")
        assert verdict_on(policy, *civil, *but(name, limit - 0.01)).action is Action.PUBLISH

    def test_the_limit_that_a_policy_sets_itself_holds_instead(self) -> None:
        policy = a_policy(GOOD_RECORD, *(a_rule(name, 0.9) for name in GRAVE), default=Action.FLAG)

        assert verdict_on(policy, SPOTLESS, *but("threat", 0.8)).action is Action.PUBLISH
        assert verdict_on(policy, SPOTLESS, *but("threat", 0.9)).action is Action.FLAG

    def test_a_rule_that_publishes_and_looks_at_the_grave_signal_itself_is_the_sites_word(self) -> None:
        both = a_combined_rule(
            *(a_condition(name, below=0.9) for name in sorted(GRAVE)),
            a_condition("author.rejection_rate", below=0.05),
            action=Action.PUBLISH,
        )

        assert verdict_on(a_policy(both, default=Action.FLAG), SPOTLESS, *but("threat", 0.8)).action is Action.PUBLISH

    def test_a_try_of_a_policy_without_the_rule_finds_what_it_would_hold(self) -> None:
        before = a_policy(GOOD_RECORD, *(a_rule(name, 0.9) for name in sorted(GRAVE)), default=Action.FLAG)
        then = a_policy(GOOD_RECORD, default=Action.FLAG)
        comment = ReplayedComment("c-1", "See!", None, (SPOTLESS, *but("threat", 0.8)), Circumstances(), None)

        assert replay.holding([comment], before).ids == frozenset()
        assert (
            tries.held(baseline([comment], before, UNLIMITED), then) == {"c-1"} == replay.holding([comment], then).ids
        )
