"""Signals of the word lists that come with Gavel, and the switch that takes their rules away."""

from __future__ import annotations

import pytest

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy import documents, wording
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.verdicts import decide, in_force
from moderation.judging.signals.registry import SIGNALS
from tests.builders import a_comment, a_comment_to_score, a_signal

NAMES = ("words.slurs", "words.obscene")


@pytest.mark.parametrize(("name", "text"), [("words.slurs", "These wetbacks again"), ("words.obscene", "Oh fuck off")])
def test_each_counts_its_own_words_and_points_at_them(name: str, text: str) -> None:
    scored = a_comment_to_score(comment=a_comment(text))

    values = {other: SIGNALS[other].signal_of(scored) for other in NAMES}

    assert {other: signal.value for other, signal in values.items()} == {other: float(other == name) for other in NAMES}
    (span,) = values[name].evidence
    assert text[span.start : span.end] in ("wetbacks", "fuck")


@pytest.mark.parametrize("text", ["pqp que calor hoje", "PQP, perdi o ônibus de novo"])
def test_an_exclamation_at_nobody_is_in_no_list(text: str) -> None:
    scored = a_comment_to_score(comment=a_comment(text))

    assert [SIGNALS[name].signal_of(scored).value for name in NAMES] == [0.0, 0.0]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_site_holds_the_first_one_and_the_switch_lets_it_pass(name: str) -> None:
    signals = [a_signal("toxicity", 0.0), a_signal("relevance", 1.0), a_signal(name, 1.0)]
    off = documents.parse({**documents.dump(default_policy()), "shipped_words": False}, 2)

    assert decide(signals, default_policy(), Circumstances()).action is Action.FLAG
    assert decide(signals, off, Circumstances()).action is Action.PUBLISH


def test_the_switch_takes_combined_rules_and_requirements_of_theirs_too() -> None:
    both = {"all": [{"signal": "links", "at_least": 1}, {"signal": "words.slurs", "at_least": 1}], "action": "flag"}
    document = {"rules": [both], "required": ["words.slurs", "toxicity"], "shipped_words": False}

    force = in_force(documents.parse(document, 1), Circumstances())

    assert (force.rules, force.required) == ((), frozenset({"toxicity"}))


def test_the_change_is_said_in_words() -> None:
    before = documents.dump(default_policy())

    assert wording.changes(before, {**before, "shipped_words": False}) == [
        "Word lists that come with Gavel: no longer used"
    ]
    assert wording.changes({k: v for k, v in before.items() if k != "shipped_words"}, before) == []
