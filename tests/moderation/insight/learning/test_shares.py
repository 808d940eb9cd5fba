"""No single account carries more than its part of what a site learns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import Circumstances
from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.insight.learning.limits.sample_rows import JudgedComment
from moderation.insight.learning.limits.wished_limits import bounded_judged
from moderation.insight.learning.rows import KEYS
from moderation.insight.learning.shares import ENOUGH, FEWEST_TO_COUNT, bounded
from tests.builders import NOON


def of(by: str | None, count: int, *, rejected: bool = True, weight: float = 1.0) -> list[Example]:
    source = LabelSource.CHECK if weight > 1 else LabelSource.PEOPLE
    first = Example("", "text", rejected, None, "en", NOON, source, weight, by)
    return [replace(first, comment_id=f"{by}-{rejected}-{weight}-{n}") for n in range(count)]


def part(examples: Iterable[Example], by: str, *, rejected: bool = True) -> float:
    side = [e for e in examples if e.is_rejected is rejected]
    return sum(e.weight for e in side if e.by == by) / sum(e.weight for e in side)


def test_of_many_people_one_with_heavy_checks_has_a_quarter_of_the_rejections() -> None:
    others = [e for name in ("ana", "ben", "carla") for e in of(name, 100)]
    site = others + of("dora", 36, weight=100.0)

    found = bounded(site)

    assert part(site, "dora") > 0.9
    assert part(found, "dora") == pytest.approx(0.25)
    assert [e.weight for e in found if e.by != "dora"] == [1.0] * 300
    assert min(e.weight for e in found) >= 1


@pytest.mark.parametrize(("people", "most"), [(2, 1 / 2), (3, 1 / 3), (4, 1 / 4), (6, 1 / 4)])
def test_the_part_is_an_equal_one_where_few_share_the_work(people: int, most: float) -> None:
    site = [e for n in range(people - 1) for e in of(f"p-{n}", 60)] + of("dora", FEWEST_TO_COUNT, weight=100.0)

    assert part(bounded(site), "dora") == pytest.approx(most)


def test_an_account_that_hardly_works_has_a_quarter_at_most_however_few_there_are() -> None:
    site = of("ana", 90) + of("new", FEWEST_TO_COUNT - 1, weight=100.0)

    assert part(bounded(site), "new") == pytest.approx(0.25)


def test_who_decides_alone_is_not_bounded() -> None:
    site = of("ana", 100) + of("ana", 40, weight=100.0) + of("ana", 100, rejected=False)

    assert bounded(site) == site


def test_plain_decisions_keep_their_weight_unless_others_can_teach_without_them() -> None:
    few, enough = of("ben", ENOUGH - 1), of("ben", ENOUGH)
    busy = of("ana", 500)

    assert bounded(busy + few) == busy + few
    assert part(bounded(busy + enough), "ana") == pytest.approx(0.5)


def test_the_keys_of_a_site_count_as_one_person() -> None:
    site = [e for name in ("ana", "ben", "carla") for e in of(name, 100)] + of(KEYS, 50, weight=100.0)

    assert part(bounded(site), KEYS) == pytest.approx(0.25)


def test_publishing_is_bounded_as_rejecting_is_and_imports_are_nobodys() -> None:
    site = of(None, 300, rejected=False) + of("dora", 30, rejected=False, weight=100.0) + of("ana", 50, rejected=False)

    found = bounded(site)

    assert part(found, "dora", rejected=False) < part(site, "dora", rejected=False)
    assert [e.weight for e in found if e.by is None] == [1.0] * 300


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "ana", "ben", "carla"]), st.booleans(), st.sampled_from([0.1, 1.0, 7.0, 100.0])
        ),
        max_size=80,
    )
)
def test_no_weight_ever_grows_or_vanishes(drawn: list[tuple[str | None, bool, float]]) -> None:
    site = [
        Example(str(n), "text", rejected, None, "en", NOON, LabelSource.CHECK, weight, by)
        for n, (by, rejected, weight) in enumerate(drawn)
    ]

    for before, after in zip(site, bounded(site), strict=True):
        assert 0 < after.weight <= before.weight


def test_nobody_speaks_for_more_than_half_of_what_counts_limits() -> None:
    one = JudgedComment("c", "text", (), Circumstances(), CommentStatus.PUBLISHED, 20.0, True, "dora")
    judged = [one] * 300 + [replace(one, by="ana", is_rejected=False)] * 60

    found = bounded_judged(judged)

    assert sum(each.weight for each in found if each.by == "dora") == pytest.approx(60 * 20.0)
    assert [each.weight for each in found if each.by == "ana"] == [20.0] * 60
