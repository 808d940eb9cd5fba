"""The bias watch warns of a difference that chance does not explain, and of nothing else."""

from __future__ import annotations

import random

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks.bias import Comparison, GroupKind, compare
from moderation.insight.checks.rows import Check
from tests.builders import a_check

PUBLISHED, FLAGGED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED


def civil(held: int, published: int, **said: object) -> list[Check]:
    """Comments that people published: so many that the policy held, and so many that it published."""
    return [*[a_check(verdict=FLAGGED, **said)] * held, *[a_check(**said)] * published]


def found(drawn: list[Check], kind: GroupKind, name: str = "") -> Comparison:
    return next(one for one in compare(drawn) if (one.kind, one.name) == (kind, name))


def test_a_group_whose_civil_comments_are_held_far_more_often_is_a_warning() -> None:
    drawn = [*civil(40, 60, groups=("muslims",)), *civil(20, 180)]

    one = found(drawn, GroupKind.GROUP, "muslims")

    assert one.these.held is not None and one.others.held is not None
    assert (one.these.held.share, one.others.held.share) == pytest.approx((0.4, 0.1))
    assert one.by_chance is not None and one.by_chance < 0.001
    assert one.is_warning


@pytest.mark.parametrize(
    "drawn",
    [
        [*civil(1, 20, groups=("women",)), *civil(10, 200)],  # no difference
        [*civil(1, 60, groups=("women",)), *civil(60, 140)],  # held less often
        [*civil(5, 4, groups=("women",)), *civil(10, 200)],  # too few
    ],
)
def test_a_small_favourable_or_uncertain_difference_is_none(drawn: list[Check]) -> None:
    assert not found(drawn, GroupKind.GROUP, "women").is_warning


def test_the_share_that_people_overturn_is_that_of_the_held_ones() -> None:
    rude = [a_check(verdict=REJECTED, outcome=REJECTED, groups=("jews",))] * 3

    one = found([*civil(1, 50, groups=("jews",)), *rude], GroupKind.GROUP, "jews")

    assert one.these.overturned is not None
    assert one.these.overturned.share == pytest.approx(0.25)
    assert one.these.held is not None and one.these.held.count == 51  # the rude ones are not civil
    assert one.others.held is None


def test_languages_are_compared_with_all_others_and_new_authors_with_known_ones() -> None:
    drawn = [*civil(30, 70, language="de", is_new_author=True), *civil(10, 190, language="en")]

    assert found(drawn, GroupKind.LANGUAGE, "de").is_warning
    assert not found(drawn, GroupKind.LANGUAGE, "en").is_warning
    assert found(drawn, GroupKind.AUTHOR).is_warning
    assert [one.kind for one in compare(civil(1, 9))] == []  # one language, no group, no new author


def test_chance_alone_warns_of_hardly_any_site_however_many_groups_are_looked_at() -> None:
    warned = 0
    for seed in range(100):
        chances = random.Random(seed)
        drawn = [
            a_check(verdict=FLAGGED if chances.random() < 0.15 else PUBLISHED, groups=groups)
            for groups in [(), *(((f"g{n}"),) for n in range(12))]
            for _ in range(60 if groups else 300)
        ]
        warned += any(one.is_warning for one in compare(drawn))

    assert warned <= 0.08 * 100
