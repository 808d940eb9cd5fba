"""The default policy at every boundary of every rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, ReasonCode
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.verdicts import decide
from moderation.judging.signals.registry import SIGNALS
from tests.builders import a_signal

MODELS = Path(__file__).parents[4] / "models"
EPSILON = 1e-9
SCORES = {
    "toxicity": 0.81,
    "severe_toxicity": 0.44,
    "threat": 0.56,
    "identity_attack": 0.65,
    "insult": 0.82,
    "obscene": 0.99,
    "sexual_explicit": 0.80,
    "spam": 0.62,
    "shouting": 0.80,
    "author.rejection_rate": 0.60,
}
COUNTS = {
    "links": 3,
    "links.blocked": 1,
    "private_data": 1,
    "words.banned": 1,
    "words.suspect": 2,
    "words.slurs": 1,
    "words.obscene": 1,
    "repeat": 2,
    "campaign": 3,
    "author.profile": 1,
    "reports": 3,
}
OFF_TOPIC_BELOW = 0.15
REQUIRED = {"toxicity", "relevance"}
NEWCOMERS = [frozenset({"author.published", *others}) for others in (("links", "spam"), ("contacts",))]
DOUBTFUL = 0.05
"""Of a newcomer's link: the least spam with which it goes to a person."""
ALL = [*SCORES, *COUNTS, "relevance"]


def verdict_with(signal: Signal | None, *, instead_of: str) -> tuple[Action, list[tuple[ReasonCode, str | None]]]:
    """The default policy on a comment in which every other signal is at its best."""
    best = [a_signal(name, 1.0 if name == "relevance" else 0.0) for name in ALL if name != instead_of]
    verdict = decide([*best, *([signal] if signal else [])], default_policy(), Circumstances())
    return verdict.action, [(reason.code, reason.signal) for reason in verdict.reasons]


def flagged_for(name: str) -> tuple[Action, list[tuple[ReasonCode, str | None]]]:
    return Action.FLAG, [(ReasonCode.RULE, name)]


PUBLISHED = (Action.PUBLISH, [(ReasonCode.DEFAULT, None)])


@pytest.mark.parametrize(("name", "limit"), SCORES.items())
def test_a_score_flags_from_its_limit_up(name: str, limit: float) -> None:
    for value in (0.0, limit - EPSILON):
        assert verdict_with(a_signal(name, value), instead_of=name) == PUBLISHED
    for value in (limit, limit + EPSILON, 1.0):
        assert verdict_with(a_signal(name, value), instead_of=name) == flagged_for(name)


@pytest.mark.parametrize(("name", "limit"), COUNTS.items())
def test_a_count_flags_from_its_limit_up(name: str, limit: int) -> None:
    for value in (0, limit - 1):
        assert verdict_with(a_signal(name, value), instead_of=name) == PUBLISHED
    for value in (limit, limit + 1, 10_000):
        assert verdict_with(a_signal(name, value), instead_of=name) == flagged_for(name)


def test_relevance_flags_below_its_limit_and_not_at_it() -> None:
    for value in (0.0, OFF_TOPIC_BELOW - EPSILON):
        assert verdict_with(a_signal("relevance", value), instead_of="relevance") == flagged_for("relevance")
    for value in (OFF_TOPIC_BELOW, OFF_TOPIC_BELOW + EPSILON, 1.0):
        assert verdict_with(a_signal("relevance", value), instead_of="relevance") == PUBLISHED


@pytest.mark.parametrize("name", ALL)
def test_an_abstention_flags_nothing(name: str) -> None:
    assert verdict_with(a_signal(name, abstained="too short"), instead_of=name) == PUBLISHED


@pytest.mark.parametrize("name", ALL)
def test_a_signal_that_came_empty_goes_to_a_person(name: str) -> None:
    missing = (Action.FLAG, [(ReasonCode.MISSING, name)])

    assert verdict_with(a_signal(name, None), instead_of=name) == missing


@pytest.mark.parametrize("name", ALL)
def test_of_the_signals_that_stay_away_only_the_required_go_to_a_person(name: str) -> None:
    missing = (Action.FLAG, [(ReasonCode.MISSING, name)])

    assert verdict_with(None, instead_of=name) == (missing if name in REQUIRED else PUBLISHED)


def test_the_tables_above_name_every_rule_of_the_default_policy() -> None:
    policy = default_policy()

    assert sorted(rule.conditions[0].signal for rule in policy.rules if len(rule.conditions) == 1) == sorted(ALL)
    assert [rule.signals for rule in policy.rules if len(rule.conditions) > 1] == NEWCOMERS
    assert policy.required == REQUIRED
    assert policy.version == 1


def test_it_rejects_nothing_without_a_person() -> None:
    worst = [a_signal(name, 0.0 if name == "relevance" else 1.0 if name in SCORES else 99) for name in ALL]

    verdict = decide(worst, default_policy(), Circumstances())

    assert verdict.action is Action.FLAG
    assert len(verdict.reasons) == len(ALL)


def test_each_rule_is_labelled_as_its_signal_is_called_everywhere() -> None:
    labels = {rule.conditions[0].signal: rule.label for rule in default_policy().rules if len(rule.conditions) == 1}

    assert labels == {name: SIGNALS[name].title for name in ALL}
    assert labels["identity_attack"] == "Identity attack"


def test_the_limits_of_scores_are_those_that_the_bundled_weights_were_measured_at() -> None:
    manifest, of_spam = (
        json.loads((MODELS / name / "manifest.json").read_text(encoding="utf-8")) for name in ("toxicity", "spam")
    )

    single = [rule.conditions for rule in default_policy().rules if len(rule.conditions) == 1]
    limits = {only.signal: only.limit for (only,) in single}

    assert {label: limits[label] for label in manifest["labels"]} == manifest["default_limits"]
    assert {"spam": limits["spam"]} == of_spam["suggested_limits"]


def verdict_on_newcomer(published: int, **values: float | None) -> list[str]:
    """The labels of what fires on a comment that is at its best elsewhere; None abstains."""
    best = [a_signal(name, 1.0 if name == "relevance" else 0.0) for name in ALL if name not in values]
    abstaining = [a_signal(name, abstained="too short") for name, value in values.items() if value is None]
    said = [a_signal(name, value) for name, value in values.items() if value is not None]
    author = a_signal("author.published", published)
    verdict = decide([*best, *abstaining, *said, author], default_policy(), Circumstances())
    assert (verdict.action is Action.FLAG) is any(reason.label for reason in verdict.reasons)
    return [reason.label for reason in verdict.reasons if reason.label]


@pytest.mark.parametrize(("published", "is_held"), [(0, True), (2, True), (3, False)])
def test_a_contact_of_a_newcomer_goes_to_a_person(published: int, is_held: bool) -> None:
    assert verdict_on_newcomer(published, contacts=1) == (["A newcomer's contact"] if is_held else [])


@pytest.mark.parametrize(("published", "is_held"), [(0, True), (2, True), (3, False)])
def test_a_link_of_a_newcomer_that_may_be_spam_goes_to_a_person(published: int, is_held: bool) -> None:
    held = ["A newcomer's link that may be spam"] if is_held else []

    assert verdict_on_newcomer(published, links=1, spam=DOUBTFUL) == held


@pytest.mark.parametrize("spam", [0.0, DOUBTFUL - EPSILON, None])
def test_a_link_of_a_newcomer_that_is_hardly_spam_is_published(spam: float | None) -> None:
    assert verdict_on_newcomer(0, links=1, spam=spam) == []


def test_a_newcomer_without_either_is_read_like_everybody() -> None:
    best = [a_signal(name, 1.0 if name == "relevance" else 0.0) for name in [*ALL, "contacts", "author.published"]]

    assert decide(best, default_policy(), Circumstances()).action is Action.PUBLISH
