from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.learning.shadows.figures import count
from moderation.insight.learning.shadows.rows import VerdictBeside

PUBLISH, FLAG, REJECT = Action
PUBLISHED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED


def a_verdict(action: Action, policy: Action, outcome: CommentStatus | None = None, **overrides: Any) -> VerdictBeside:
    fields: dict[str, Any] = {"comment_id": "c", "reason": None, "section": "Economy", "language": "en"}
    fields |= {"action": action, "policy_action": policy, "outcome": outcome, "is_second_look": False}
    return VerdictBeside(**fields | overrides)


def test_each_verdict_is_put_beside_what_people_did() -> None:
    found = [
        a_verdict(FLAG, PUBLISH, REJECTED),
        a_verdict(REJECT, FLAG, REJECTED),
        a_verdict(FLAG, FLAG, PUBLISHED),
        a_verdict(REJECT, FLAG, PUBLISHED),
        a_verdict(PUBLISH, FLAG, REJECTED),
        a_verdict(PUBLISH, FLAG, PUBLISHED),
        a_verdict(PUBLISH, PUBLISH),
    ]

    figures = count(found)

    assert (figures["comments"], figures["differs"]) == (7, 5)
    assert figures["shadow"]["actions"] == {"publish": 3, "flag": 2, "reject": 2}
    names = ("caught", "wrongly_held", "wrongly_published", "rightly_published", "wrongly_rejected")
    assert [figures["shadow"][name] for name in names] == [2, 2, 1, 1, 1]
    assert [figures["policy"][name] for name in names] == [2, 3, 1, 0, 0]
    assert figures["shadow"]["published_wrongly"]["share"] == 0.5
    assert figures["policy"]["held_wrongly"]["share"] == 0.6


def test_verdicts_that_are_alike_count_as_often_as_they_were_given() -> None:
    one = a_verdict(FLAG, PUBLISH, REJECTED, weight=2.0)

    assert count([a_verdict(FLAG, PUBLISH, REJECTED, weight=2.0, count=3)]) == count([one, one, one])


def test_nothing_decided_gives_no_share() -> None:
    figures = count([a_verdict(FLAG, PUBLISH)])

    assert figures["shadow"]["held_wrongly"] is None
    assert figures["by_reason"] == []


def test_all_that_is_published_is_estimated_from_random_checks() -> None:
    reported = [a_verdict(PUBLISH, PUBLISH, REJECTED)] * 9
    seen = [a_verdict(PUBLISH, FLAG, REJECTED, weight=1.0)] * 10
    checked = [a_verdict(PUBLISH, PUBLISH, outcome, weight=50.0) for outcome in (REJECTED, *[PUBLISHED] * 9)]

    figures = count([*reported, *seen, *checked])

    assert figures["policy"]["estimated"]["share"] == pytest.approx(0.1)
    assert figures["shadow"]["estimated"]["share"] == pytest.approx(60 / 510)
    assert count([*reported, *seen])["shadow"]["estimated"] is None


def test_the_tables_name_the_largest_parts_first() -> None:
    found = [a_verdict(FLAG, FLAG, REJECTED, section=None, reason="toxicity")]
    found += [a_verdict(PUBLISH, FLAG, REJECTED, section="Sport", language="de", reason="links")] * 2

    figures = count(found)

    assert [(row["name"], row["comments"]) for row in figures["by_section"]] == [("Sport", 2), (None, 1)]
    assert [(row["name"], row["shadow"]["wrongly_published"]) for row in figures["by_language"]] == [
        ("de", 2),
        ("en", 0),
    ]
    assert [row["name"] for row in figures["by_reason"]] == ["links", "toxicity"]
