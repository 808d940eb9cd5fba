"""The limits for a target at simulated sites whose true errors are known: the promise must hold, not the estimate."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from moderation.ground.estimates import Share, draws_needed, weighted_share, wilson
from moderation.insight.learning.limits.choosing import LimitEffect, fewest_held, missing_checks

SITES = 200
LIMITS = (*(number / 20 for number in range(10, 20)), 1.0)
POWER = 9
"""A comment of score s is rejected by people with the chance s ** POWER, so of those below a limit this share is:
limit ** POWER / (POWER + 1)."""

Draw = tuple[float, float, bool]
"""A checked comment: its score, its weight, and whether people rejected it."""


def true_error(limit: float) -> float:
    return limit**POWER / (POWER + 1)


def checks(rng: random.Random, count: int) -> list[Draw]:
    """One in five was drawn with half the chance of the others."""
    found = list[Draw]()
    for _ in range(count):
        score, weight = rng.random(), 2.0 if rng.random() < 0.2 else 1.0
        found.append((score, weight, rng.random() < score**POWER))
    return found


def curve(draws: Sequence[Draw], limits: Sequence[float] = LIMITS) -> list[LimitEffect]:
    found = list[LimitEffect]()
    for limit in limits:
        published = [(weight, is_bad) for score, weight, is_bad in draws if score < limit]
        found.append(LimitEffect(limit, weighted_share(published), len(published) / len(draws), 0.0))
    return found


def share_kept(wish: float, count: int, *, sites: int = SITES) -> tuple[float, int]:
    """Of the sites that are promised a limit, the share at which its true error is within the wish; their number."""
    rng = random.Random(28)
    points = [fewest_held(curve(checks(rng, count)), wish) for _ in range(sites)]
    promised = [point.limit for point in points if point is not None and point.limit is not None]
    return sum(true_error(limit) <= wish for limit in promised) / len(promised), len(promised)


@pytest.mark.parametrize(("wish", "count"), [(0.04, 300), (0.02, 600)])
def test_the_promise_holds_at_nine_sites_in_ten(wish: float, count: int) -> None:
    kept, promised = share_kept(wish, count)

    assert promised >= 0.5 * SITES
    assert kept >= 0.9


def test_a_limit_whose_estimate_alone_is_within_the_wish_is_not_promised() -> None:
    points = [LimitEffect(0.5, Share(0.01, 0.004, 0.02, 500, 500.0), 0.5, 0.0)]
    points.append(LimitEffect(0.6, Share(0.015, 0.008, 0.028, 500, 500.0), 0.6, 0.0))

    assert fewest_held(points, 0.02) == points[0]
    assert fewest_held(points, 0.015) is None


def test_the_missing_checks_make_the_promise_hold() -> None:
    share = weighted_share([(1.0, number < 3) for number in range(200)])
    point = LimitEffect(0.5, share, 0.5, 0.0)

    missing = missing_checks([point], 0.03, 400)

    assert fewest_held([point], 0.03) is None
    assert missing is not None and missing > 0
    enough, short = (200 * (400 + more) / 400 for more in (missing, missing - 10))
    assert wilson(0.015, enough)[1] <= 0.03 < wilson(0.015, short)[1]


def test_no_number_of_checks_helps_where_the_estimate_is_beyond_the_wish() -> None:
    point = LimitEffect(0.5, weighted_share([(1.0, number < 20) for number in range(200)]), 0.5, 0.0)

    assert missing_checks([point], 0.1, 200) is None
    assert missing_checks([], 0.1, 200) is None


def test_nothing_is_missing_where_a_limit_reaches_the_wish() -> None:
    point = LimitEffect(0.5, weighted_share([(1.0, number < 1) for number in range(1_000)]), 0.5, 0.0)

    assert fewest_held([point], 0.02) == point
    assert missing_checks([point], 0.02, 1_000) == 0


@pytest.mark.parametrize(("share", "most"), [(0.0, 0.02), (0.01, 0.02), (0.1, 0.3)])
def test_at_the_number_of_draws_needed_the_interval_ends_at_the_most(share: float, most: float) -> None:
    assert wilson(share, draws_needed(share, most))[1] == pytest.approx(most)
