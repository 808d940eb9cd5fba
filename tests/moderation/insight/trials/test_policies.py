"""An edit of the policy is tried on the cases and on the decisions that stand, with the signals that were stored."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.trials import policies, rows
from moderation.insight.trials.values import APPROVED, REJECTED, Trial
from moderation.moderators.review import api_decisions
from moderation.pipeline.settling.judgements import settle
from moderation.sites.rows import Site
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from moderation.spine.comments.rows import get_comment
from tests.builders import NOON, OPERATOR, a_policy, a_rule, a_signal
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import judge

TEXTS = ("held 0.85", "held 0.92", "held 0.95", "pass 0.1", "pass 0.2", "pass 0.87")
PRESENT = a_policy(a_rule("toxicity", 0.5))


def decided(newsroom: Newsroom, name: str, toxicity: float, action: Action, reason: str | None = None) -> str:
    """A comment that the policy held and that a person decided."""
    database, site_id = newsroom.database, newsroom.site.id
    comment = newsroom.post(f"Comment {name} in words of its own", id=name).comment
    settle(database, [judge(database, comment.id, toxicity=toxicity)], now=NOON)
    with database.read() as conn:
        version = get_comment(conn, site_id, name).version
    api_decisions.rule(database, site_id, name, action, version=version, reason=reason, now=NOON)
    return comment.id


def write_rule(database: Database, site: Site) -> dict[str, tuple[Signal, ...]]:
    """Its cases have the toxicity that their names end with."""
    rule = HouseRule("insults", "No insults", "Be kind.", reason="Insult or abuse")
    rule_book.put_rule(database, site.id, rule, by=OPERATOR, now=NOON)
    signals: dict[str, tuple[Signal, ...]] = {}
    for text in TEXTS:
        must, _, value = text.partition(" ")
        case = RuleCase(new_id(), text, Must(must), NOON, "Lea")
        rule_book.add_case(database, site.id, "insults", case, by=OPERATOR, now=NOON)
        signals[case.id] = (a_signal("toxicity", float(value)),)
    return signals


def tried(newsroom: Newsroom, signals: Any, then: Policy) -> Trial:
    material = policies.material(newsroom.database, newsroom.site.id, now=NOON)
    return policies.try_policy(material, signals, PRESENT, then)


def test_a_higher_limit_rights_some_and_wrongs_others_by_rule(newsroom: Newsroom) -> None:
    signals = write_rule(newsroom.database, newsroom.site)
    for number in range(6):
        decided(newsroom, f"insult-{number}", 0.85, Action.REJECT, "Insult or abuse")
        decided(newsroom, f"fine-{number}", 0.86, Action.PUBLISH)
    decided(newsroom, "other", 0.87, Action.REJECT, "Off topic")

    trial = tried(newsroom, signals, a_policy(a_rule("toxicity", 0.9)))

    assert [(o.rule, o.texts, o.right_before, o.right_after, o.is_worse) for o in trial.outcomes] == [
        ("insults", 12, 11, 5, True),
        (REJECTED, 1, 1, 0, False),
        (APPROVED, 6, 0, 6, False),
    ]
    assert [text.text for text in trial.outcomes[0].righted] == ["pass 0.87"]
    assert [text.text for text in trial.outcomes[0].wronged if text.is_case] == ["held 0.85"]


def test_an_edit_that_moves_nothing_is_worse_on_nothing(newsroom: Newsroom) -> None:
    signals = write_rule(newsroom.database, newsroom.site)
    decided(newsroom, "insult", 0.9, Action.REJECT, "Insult or abuse")

    trial = tried(newsroom, signals, a_policy(a_rule("toxicity", 0.52)))

    assert [(o.right_before, o.righted, o.wronged) for o in trial.outcomes] == [(6, (), ())]


def test_the_decision_that_stands_counts_and_undone_ones_do_not(newsroom: Newsroom) -> None:
    database, site = newsroom.database, newsroom.site
    first = decided(newsroom, "c-1", 0.6, Action.REJECT, "Other")
    with database.read() as conn:
        version = get_comment(conn, site.id, "c-1").version
    api_decisions.rule(database, site.id, "c-1", Action.PUBLISH, version=version, reason=None, now=NOON)
    second = decided(newsroom, "c-2", 0.6, Action.REJECT, "Other")
    newsroom.post("nobody decided", id="c-3")

    with database.read() as conn:
        both, newest = (rows.decided(conn, site.id, limit=limit) for limit in (9, 1))

    assert [(d.comment_id, d.status, d.reason) for d in both] == [
        (second, CommentStatus.REJECTED, "Other"),
        (first, CommentStatus.PUBLISHED, None),
    ]
    assert newest == both[:1]


@pytest.mark.parametrize("changed", [0.4, 0.7])
def test_newer_signals_take_the_place_of_stored_ones(newsroom: Newsroom, changed: float) -> None:
    id = decided(newsroom, "c-1", 0.6, Action.REJECT, "Other")
    material = policies.material(newsroom.database, newsroom.site.id, now=NOON)

    answers = policies.answers(material.comments({id: (a_signal("toxicity", changed),)}), PRESENT)

    assert answers == {id: changed >= 0.5}
