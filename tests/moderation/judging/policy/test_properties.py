"""Properties of every policy that the document form accepts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.policies import Policy, Rule
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, ReasonCode
from moderation.judging.policy.documents import dump, parse
from moderation.judging.policy.verdicts import decide, in_force
from moderation.judging.signals.registry import SIGNALS
from tests.builders import a_signal

# Slow is no fault here: the machine may be busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FOR_RULES = sorted(SIGNALS.keys() - {"language.supported"})
FIRED = (ReasonCode.RULE, ReasonCode.COMBINED, ReasonCode.AUTHOR_TRUSTED)
CIRCUMSTANCES = st.builds(
    Circumstances,
    article_id=st.sampled_from([None, "a-1", "a-2"]),
    section=st.sampled_from([None, "sport", "politics"]),
    article_state=st.sampled_from([ArticleState.OPEN, ArticleState.PREMODERATED]),
    author_on_hold=st.booleans(),
    author_trusted=st.booleans(),
)


def values(name: str) -> st.SearchStrategy[float]:
    if SIGNALS[name].scale == "count":
        return st.integers(0, 6).map(float)
    return st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]) | st.floats(0, 1)


@st.composite
def rules(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """On one signal, or on two or three of them together."""
    action = draw(st.sampled_from(["publish", "flag", "reject"]))
    looked_at = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    conditions = [draw(condition(name, action)) for name in looked_at]
    one_or_all = {"all": conditions} if len(conditions) > 1 else conditions[0]
    return {**one_or_all, "action": action}


@st.composite
def condition(draw: st.DrawFn, name: str, action: str) -> dict[str, Any]:
    spec = SIGNALS[name]
    bound = "at_least" if (spec.worse == "high") == (action != "publish") else "below"
    limits = st.integers(1, 5) if spec.scale == "count" else values(spec.name)
    return {"signal": name, bound: draw(limits)}


@st.composite
def overrides(draw: st.DrawFn) -> dict[str, Any]:
    dropped = draw(st.sets(st.sampled_from(FOR_RULES), max_size=3))
    kept = [name for name in FOR_RULES if name not in dropped]
    return {"rules": draw(st.lists(rules(kept), max_size=3)), "without": sorted(dropped)}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    document = {
        "default": draw(st.sampled_from(["publish", "flag"])),
        "shipped_words": draw(st.booleans()),
        "required": sorted(draw(st.sets(st.sampled_from(sorted(SIGNALS)), max_size=4))),
        "rules": draw(st.lists(rules(FOR_RULES), max_size=8)),
        "sections": draw(st.dictionaries(st.just("sport"), overrides(), max_size=1)),
        "articles": draw(st.dictionaries(st.just("a-1"), overrides(), max_size=1)),
    }
    return parse(document, 1)


def without_rules_on(name: str, policy: Policy) -> Policy:
    def kept(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(rule for rule in rules if name not in rule.signals)

    sections, articles = (
        {key: replace(override, rules=kept(override.rules)) for key, override in overrides.items()}
        for overrides in (policy.sections, policy.articles)
    )
    return replace(policy, rules=kept(policy.rules), sections=sections, articles=articles)


@st.composite
def signals(draw: st.DrawFn) -> list[Signal]:
    """Each signal with a value, abstained, empty or away; mostly with a value."""
    found = []
    for name in SIGNALS:
        state = draw(st.sampled_from(["value"] * 7 + ["abstained", "empty", "away"]))
        if state == "value":
            found.append(a_signal(name, draw(values(name))))
        elif state == "abstained":
            found.append(a_signal(name, abstained="too short"))
        elif state == "empty":
            found.append(a_signal(name, None))
    return found


@patient
@given(signals(), policies(), CIRCUMSTANCES, st.data())
def test_a_worse_signal_never_gives_a_milder_verdict(
    given_signals: list[Signal], policy: Policy, where: Circumstances, data: st.DataObject
) -> None:
    worsenable = [i for i, s in enumerate(given_signals) if s.value is not None and s.name in FOR_RULES]
    assume(worsenable)
    index = data.draw(st.sampled_from(worsenable))
    signal = given_signals[index]
    other = data.draw(values(signal.name))
    worst = max if SIGNALS[signal.name].worse == "high" else min
    worse = replace(signal, value=worst(signal.value or 0.0, other))

    before = decide(given_signals, policy, where)
    after = decide([*given_signals[:index], worse, *given_signals[index + 1 :]], policy, where)

    assert after.action.severity >= before.action.severity


@patient
@given(signals(), policies(), CIRCUMSTANCES, st.data())
def test_a_missing_signal_never_publishes_and_never_rejects(
    given_signals: list[Signal], policy: Policy, where: Circumstances, data: st.DataObject
) -> None:
    required = in_force(policy, where).required
    assume(required)
    name = data.draw(st.sampled_from(sorted(required)))
    empty = data.draw(st.sampled_from([None, a_signal(name, None), a_signal(name, float("nan"))]))
    rest = [s for s in given_signals if s.name != name]

    verdict = decide([*rest, empty] if empty else rest, policy, where)

    assert verdict.action is Action.FLAG
    assert (ReasonCode.MISSING, name) in [(r.code, r.signal) for r in verdict.reasons]


@patient
@given(signals(), policies(), CIRCUMSTANCES, st.sampled_from(FOR_RULES))
def test_a_signal_that_an_older_scoring_lacks_counts_for_nothing_where_it_is_not_required(
    given_signals: list[Signal], policy: Policy, where: Circumstances, name: str
) -> None:
    policy = replace(policy, required=policy.required - {name})
    beside = {n for rule in in_force(policy, where).rules if name in rule.signals for n in rule.signals}
    broken = {s.name for s in given_signals if s.name in beside and s.value is None and s.abstained is None}
    older = [s for s in given_signals if s.name not in {name} | broken]  # what broke is missing, whatever else came
    without = without_rules_on(name, policy)
    # A combined rule of an article can bring back what its section dropped, so without it less is required
    assume(in_force(without, where).required == in_force(policy, where).required)

    assert decide(older, policy, where) == decide(older, without, where)


@patient
@given(signals(), policies(), CIRCUMSTANCES, st.data())
def test_a_rule_fires_where_all_its_signals_have_values_beyond_their_limits_and_nowhere_else(
    given_signals: list[Signal], policy: Policy, where: Circumstances, data: st.DataObject
) -> None:
    rules = in_force(policy, where).rules
    assume(rules)
    rule = data.draw(st.sampled_from(rules))
    found = {s.name: s.value for s in given_signals if s.value is not None}
    beyond = [
        c.signal in found and (found[c.signal] >= c.limit if c.bound == "at_least" else found[c.signal] < c.limit)
        for c in rule.conditions
    ]

    reasons = decide(given_signals, replace(policy, rules=(rule,), sections={}, articles={}), where).reasons

    assert any(r.code in FIRED for r in reasons) is all(beyond)


@patient
@given(signals(), policies(), CIRCUMSTANCES)
def test_a_language_without_a_model_always_goes_to_a_person(
    given_signals: list[Signal], policy: Policy, where: Circumstances
) -> None:
    rest = [s for s in given_signals if s.name != "language.supported"]

    verdict = decide([*rest, a_signal("language.supported", 0.0)], policy, where)

    assert verdict.action is Action.FLAG


@patient
@given(signals(), policies(), CIRCUMSTANCES)
def test_the_verdict_follows_from_its_reasons(
    given_signals: list[Signal], policy: Policy, where: Circumstances
) -> None:
    verdict = decide(given_signals, policy, where)

    assert verdict.reasons
    assert any(reason.action is verdict.action for reason in verdict.reasons)
    if verdict.action is Action.PUBLISH:
        assert all(reason.action is Action.PUBLISH for reason in verdict.reasons)
        assert where.article_state is ArticleState.OPEN and not where.author_on_hold
    if verdict.action is Action.REJECT:
        assert all(reason.code is not ReasonCode.DEFAULT for reason in verdict.reasons)


@patient
@given(signals(), policies(), CIRCUMSTANCES, st.randoms(use_true_random=False))
def test_the_order_of_signals_does_not_matter(
    given_signals: list[Signal], policy: Policy, where: Circumstances, random: Any
) -> None:
    shuffled = random.sample(given_signals, len(given_signals))

    assert decide(shuffled, policy, where).action is decide(given_signals, policy, where).action


@patient
@given(policies())
def test_a_policy_survives_its_document(policy: Policy) -> None:
    assert parse(json.loads(json.dumps(dump(policy))), policy.version) == policy
