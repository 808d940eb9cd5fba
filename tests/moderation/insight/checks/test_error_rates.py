"""Error rates from checks: weighted by how likely each draw was, by verdict, section, language, model and week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks.error_rates import Rates, rates_of
from tests.builders import NOON, a_check

PUBLISHED, FLAGGED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED


def test_each_check_counts_for_as_many_as_it_was_drawn_from() -> None:
    """One in ten of the rare ones and one in a hundred of the others are drawn: 10 + 900 comments, 10 of them wrong."""
    rare = a_check(probability=0.1, outcome=REJECTED)

    found = rates_of([rare, *[a_check()] * 9], now=NOON)

    assert found.wrong_published is not None
    assert found.wrong_published.share == pytest.approx(10 / 910)
    assert found.wrong_published.count == found.checked == 10


@pytest.mark.parametrize(
    ("verdict", "outcome", "wrong"),
    [(PUBLISHED, PUBLISHED, 0), (PUBLISHED, REJECTED, 1), (REJECTED, REJECTED, 0), (REJECTED, PUBLISHED, 1),
     (FLAGGED, PUBLISHED, 1), (FLAGGED, REJECTED, 0)],
)  # fmt: skip
def test_a_verdict_is_wrong_if_people_decide_otherwise(
    verdict: CommentStatus, outcome: CommentStatus, wrong: int
) -> None:
    assert rates_of([a_check(verdict=verdict, outcome=outcome)], now=NOON).errors[verdict].share == wrong


def test_checks_that_wait_say_nothing_about_errors() -> None:
    found = rates_of([a_check(decided_at=None, outcome=None)], now=NOON)

    assert (found.errors, found.checked, found.waiting, found.weeks) == ({}, 0, 1, ())


def test_without_checks_there_are_no_rates() -> None:
    assert rates_of([], now=NOON) == Rates({}, 0, 0)


def test_the_parts_come_with_those_of_most_checks_first() -> None:
    sport = a_check(section="Sport", language="de", models={"toxicity": "t@1", "house": "house@7"}, outcome=REJECTED)

    found = rates_of([sport, a_check(), a_check()], now=NOON)

    assert [(row.name, row.errors[PUBLISHED].share) for row in found.sections] == [("", 0), ("Sport", 1)]
    assert [row.name for row in found.languages] == ["en", "de"]
    assert {row.name for row in found.models} == {"toxicity t@1", "house house@7"}


def test_the_weeks_look_back_four_weeks_each() -> None:
    old = a_check(drawn_at=NOON - timedelta(days=40), outcome=REJECTED)

    weeks = rates_of([old, a_check()], now=NOON).weeks

    assert weeks[-1].errors[PUBLISHED].share == 0
    assert [week.errors[PUBLISHED].share for week in weeks[:-1]] == [1, 1, 1, 1]
    assert weeks[-1].day == NOON.date()
