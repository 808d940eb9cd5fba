"""The limits for a target at simulated sites whose true errors are known: the promise must hold, not the estimate."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from bench.learning.promises import Plan, Site, news_like, promises, stepped, varied
from moderation.ground.estimates import Share, draws_needed, joined, weighted_share, wilson
from moderation.insight.learning.limits.choosing import LimitEffect, fewest_held, missing_checks
from moderation.insight.learning.limits.error_curves import STEPS, shares_below

PLAN = Plan(sites=40, checks=1_000)


@pytest.mark.parametrize(("kind", "offered"), [(varied, (0.25, 0.65)), (news_like, (0.25, 0.7))])
def test_a_promise_is_offered_with_a_thousand_checks_and_kept(
    kind: Callable[[random.Random], Site], offered: tuple[float, float]
) -> None:
    by_wish = promises(kind, PLAN)

    for wish, least in zip((0.01, 0.02), offered, strict=True):
        promised = [promise for promise in by_wish[wish] if promise.is_offered]
        kept = sum(promise.is_kept for promise in promised)
        assert len(promised) >= least * PLAN.sites
        assert kept >= 0.95 * len(promised) - 1


def test_where_no_limit_keeps_the_wish_hardly_any_site_is_promised_one() -> None:
    """Even if the chance does not rise as the curve does."""
    promised = promises(stepped, PLAN)[0.01]

    assert sum(promise.is_kept for promise in promised) >= 0.8 * PLAN.sites


def test_few_checks_promise_less_than_many() -> None:
    few, many = (sum(p.is_offered for p in promises(varied, Plan(20, count))[0.01]) for count in (100, 2_000))

    assert few < many


def test_an_error_counts_within_every_limit_that_its_comment_is_within() -> None:
    shares = shares_below([(3, 1.0, False)] * 30 + [(40, 2.0, True), (40, 2.0, False)])

    counted = [share.share if share else None for share in shares]
    assert counted == [None] * 3 + [0.0] * 37 + [pytest.approx(2 / 34)] * (STEPS - 40)
    assert all(share.low <= share.share < share.high for share in shares if share)


def test_nothing_checked_has_no_error() -> None:
    assert shares_below([]) == [None] * STEPS


def test_comments_of_another_score_say_something_about_the_error_below_them() -> None:
    """Two hundred right ones below a limit, beside as many above it of which few or half are wrong."""
    few, half = (
        shares_below([(20, 1.0, False)] * 200 + [(80, 1.0, at % one_in == 0) for at in range(200)])[50]
        for one_in in (40, 2)
    )

    assert few is not None and half is not None
    assert few.share == half.share == 0
    assert few.high < wilson(0.0, 200)[1] and half.high < wilson(0.0, 200)[1]
    assert few.high != half.high


def test_parts_are_joined_by_their_weights() -> None:
    low, high = Share(0.01, 0.0, 0.03, 100, 90.0), Share(0.05, 0.02, 0.09, 50, 50.0)

    both = joined([(low, 300.0), (high, 100.0), (None, 0.0)])

    assert both is not None
    assert (both.share, both.low, both.high, both.count) == pytest.approx((0.02, 0.005, 0.045, 150))
    assert both.effective == pytest.approx(draws_needed(0.02, 0.045))
    assert joined([(low, 300.0), (None, 0.0)]) == low
    assert joined([(None, 0.0)]) is None


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
