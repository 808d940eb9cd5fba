"""A try decides again only on the comments that a change can alter, and finds what deciding on all would find."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy import baseline, replay, tries, verdicts
from moderation.judging.policy.documents import parse
from moderation.judging.policy.replay import ReplayedComment
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from tests.builders import a_policy, a_rule, a_signal
from tests.ticking import TickingClock

TEXTS = (
    "Nothing to see here.", "You utter scum, go home", "s c u m", "$cum everywhere", "Vermin and scum at example.com",
    "Read hxxp://news.example.org/x and example.net", "free money, free  money", "Das ist 垃圾", "SCUUUUM",
)  # fmt: skip
WORDS = ("scum", "vermin", "free money", "scu*", "垃圾", "go home")
DOMAINS = ("example.com", "example.org", "news.example.org")
STATES = ("value",) * 8 + ("abstained", "empty", "nan", "away")


def a_value(dice: random.Random, name: str) -> float:
    return float(dice.randrange(5)) if SIGNALS[name].scale == "count" else dice.choice([0.0, 0.5, 0.7, 0.9, 1.0])


def a_signal_or_none(dice: random.Random, name: str) -> list[Signal]:
    state = dice.choice(("value", "away") if SIGNALS[name].measure_again else STATES)
    found = {
        "value": a_signal(name, a_value(dice, name)),
        "abstained": a_signal(name, abstained="too short"),
        "empty": a_signal(name, None),
        "nan": a_signal(name, float("nan")),
    }
    return [found[state]] if state in found else []


def comments(dice: random.Random, count: int = 25) -> list[ReplayedComment]:
    return [
        ReplayedComment(
            id=f"c-{number}",
            text=dice.choice(TEXTS),
            author_name=None,
            signals=tuple(signal for name in SIGNALS for signal in a_signal_or_none(dice, name)),
            circumstances=Circumstances(
                article_id=dice.choice(["a-1", "a-2"]),
                section=dice.choice([None, "sport", "politics"]),
                article_state=dice.choice([ArticleState.OPEN] * 9 + [ArticleState.PREMODERATED]),
                author_trusted=dice.random() < 0.3,
            ),
            judged=None,
        )
        for number in range(count)
    ]


def a_document_rule(dice: random.Random) -> dict[str, Any]:
    action = dice.choice(["publish", "flag", "flag", "reject"])
    conditions = [
        {"signal": name, SIGNALS[name].bound_for(Action(action)): max(a_value(dice, name), 1)}
        for name in dice.sample(sorted(FOR_RULES), dice.choice([1, 1, 1, 2]))
    ]
    return {**({"all": conditions} if len(conditions) > 1 else conditions[0]), "action": action}


def an_override(dice: random.Random) -> dict[str, Any]:
    rules = [a_document_rule(dice) for _ in range(2)]
    looked_at = {c["signal"] for rule in rules for c in rule.get("all", [rule])}
    return {"rules": rules, "without": dice.sample(sorted(FOR_RULES.keys() - looked_at), 2)}


DRAWN: dict[str, Callable[[random.Random], Any]] = {
    "rules": lambda dice: [a_document_rule(dice) for _ in range(dice.randrange(8))],
    "default": lambda dice: dice.choice(["publish", "publish", "flag"]),
    "required": lambda dice: sorted(dice.sample(sorted(SIGNALS), dice.randrange(3))),
    "shipped_words": lambda dice: dice.random() < 0.7,
    "sections": lambda dice: {"sport": an_override(dice)} if dice.random() < 0.5 else {},
    "articles": lambda dice: {"a-1": an_override(dice)} if dice.random() < 0.5 else {},
    "banned_words": lambda dice: dice.sample(WORDS, dice.randrange(4)),
    "suspect_words": lambda dice: dice.sample(WORDS, dice.randrange(4)),
    "blocked_domains": lambda dice: dice.sample(DOMAINS[:2], dice.randrange(3)),
    "allowed_domains": lambda dice: dice.sample(DOMAINS[2:], dice.randrange(2)),
}
"""Each part of a policy's document."""


def one_part_changed(dice: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    """A rule without its neighbour or with another limit, or another part drawn anew."""
    name, rules = dice.choice(sorted(DRAWN)), [dict(rule) for rule in document["rules"]]
    if name != "rules" or not rules:
        return {**document, name: DRAWN[name](dice)}
    rule = rules.pop(dice.randrange(len(rules)))
    if dice.random() < 0.7 and "all" not in rule:
        bound = "at_least" if "at_least" in rule else "below"
        rules.append({**rule, bound: max(a_value(dice, rule["signal"]), 1)})
    return {**document, "rules": rules}


def held_one_by_one(scored: list[ReplayedComment], policy: Policy) -> set[str]:
    return {
        c.id
        for c in scored
        if verdicts.decide(replay.measured_for(c.signals, Reading(c.text), policy), policy, c.circumstances).action
        is not Action.PUBLISH
    }


@pytest.mark.parametrize("seed", range(60))
def test_a_try_finds_the_comments_that_deciding_on_all_finds(seed: int) -> None:
    dice = random.Random(seed)
    scored = comments(dice)
    document = {name: draw(dice) for name, draw in DRAWN.items()}
    beside = baseline.baseline(scored, parse(document, 1), UNLIMITED)

    assert beside.holding.ids == held_one_by_one(scored, beside.policy)
    for _ in range(5):
        document = one_part_changed(dice, document)  # the last try is several changes away
        then = parse(document, 2)
        assert tries.held(beside, then) == held_one_by_one(scored, then)


def test_only_comments_between_the_two_limits_are_decided_again() -> None:
    scored = [
        ReplayedComment(str(value), "A text.", None, (a_signal("toxicity", value), a_signal("language.supported", 1.0)),
               Circumstances(article_id="a-1", section=None), None)
        for value in (0.1, 0.65, 0.75, 0.85, 0.95)
    ]  # fmt: skip
    beside = baseline.baseline(scored, a_policy(a_rule(at_least=0.8)), UNLIMITED)
    lower = a_policy(a_rule(at_least=0.7))

    assert [comment.id for comment in tries.to_decide(beside, lower)] == ["0.75"]
    assert tries.held(beside, lower) == {"0.75", "0.85", "0.95"}


def a_text(id: str, text: str) -> ReplayedComment:
    return ReplayedComment(id, text, None, (a_signal("toxicity", 0.9), a_signal("links", 0.0)), Circumstances(), None)


def test_the_longest_texts_are_left_out_where_the_budget_does_not_last_for_all() -> None:
    scored = [a_text(str(length), "word " * length) for length in (9_000, 3, 5_000, 2, 4)]
    clock = TickingClock(1.0)

    beside = baseline.baseline(scored, a_policy(a_rule(at_least=0.8)), Budget(2, clock))

    assert [comment.id for comment in beside.comments] == ["3", "2", "4"]
    assert len(beside.values) == len(beside.comments)
    assert clock.looks < 12


def test_no_text_is_read_twice_for_its_words_and_its_signals() -> None:
    scored = [a_text(str(number), f"word {number}") for number in range(50)]
    clock = TickingClock(1.0)

    baseline.baseline(scored, a_policy(a_rule(at_least=0.8)), Budget(10_000, clock))

    assert clock.looks < 4 * len(scored)
