"""The bundled weights and the default policy on an account that a moderator trusts and that somebody else uses now."""

from __future__ import annotations

import pytest

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.verdicts import decide
from tests.builders import a_signal
from tests.development.capabilities import read_cases
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

GRAVE = (
    "identity_attack_disability", "identity_attack_ethnicity", "identity_attack_gender_sexuality",
    "identity_attack_religion", "threat_direct", "wish_of_harm",
)  # fmt: skip
RUDE = ("direct_insult_commenter", "insult_author_or_journalist", "profanity_positive")
SLACK = 3
"""In a hundred: int8 rounds differently from processor to processor."""


def actions(scorer: Scorer, texts: list[str], *, trusted: bool) -> list[Action]:
    scored = scorer.score([Scorable(text, article_language="en") for text in texts])
    policy, where = default_policy(), Circumstances(author_trusted=trusted)
    return [decide([*signals, a_signal("relevance", 0.9)], policy, where).action for signals in scored]


def lifted(scorer: Scorer, texts: list[str]) -> int:
    """How many trust alone publishes."""
    both = zip(actions(scorer, texts, trusted=False), actions(scorer, texts, trusted=True), strict=True)
    return sum(pair == (Action.FLAG, Action.PUBLISH) for pair in both)


@pytest.mark.parametrize(
    "text",
    [
        "I will find you and break your legs.",
        "I will find you and break your legs",
        "We know which school your children go to, and I will burn your house down.",
    ],
)
def test_a_threat_is_held_although_a_moderator_trusts_the_account(scorer: Scorer, text: str) -> None:
    assert actions(scorer, [text], trusted=True) == [Action.FLAG]


def test_trust_lifts_hardly_any_threat_or_hatred_and_most_rudeness(scorer: Scorer) -> None:
    grave = [case.text for name in GRAVE for case in read_cases(name)]
    rude = [case.text for name in RUDE for case in read_cases(name) if case.expect == "toxic"]

    assert lifted(scorer, grave) <= len(grave) * SLACK / 100
    assert lifted(scorer, rude) >= len(rude) * 8 / 10
