"""Shares from weighted draws: against figures worked out elsewhere, and by simulation of the whole of the drawing."""

from __future__ import annotations

import random

import pytest

from moderation.ground.estimates import Share, corrected, counted_share, difference_by_chance, weighted_share, wilson
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import draws as check_draws
from moderation.insight.checks.draws import DAY, DrawState
from moderation.insight.checks.rows import Drawn
from moderation.sites.settings.values import SiteSettings

PUBLISHED = CommentStatus.PUBLISHED


@pytest.mark.parametrize(
    ("so", "n", "low", "high"),
    [(15, 148, 0.0624, 0.1605), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(so: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17: 857-872, method 3; and Wilson's formula at the ends."""
    assert wilson(so / n, n) == pytest.approx((low, high), abs=0.0001)


def test_draws_of_one_probability_count_as_they_are() -> None:
    found = weighted_share([(20.0, number < 3) for number in range(100)])

    assert found is not None
    assert (found.share, found.count, found.effective) == pytest.approx((0.03, 100, 99), rel=0.002)


def test_a_draw_counts_for_as_many_as_it_stands_for() -> None:
    found = weighted_share([(100.0, True), *[(1.0, False)] * 100])

    assert found is not None
    assert found.share == pytest.approx(0.5)
    assert found.effective == pytest.approx(200**2 / (100**2 + 100), rel=0.02)  # Kish: one draw speaks for half
    assert found.low < 0.15 < 0.85 < found.high


def test_without_draws_there_is_no_share() -> None:
    assert weighted_share([]) is None
    assert counted_share(0, 0) is None


def test_counted_draws_are_draws_of_one_weight() -> None:
    counted, drawn = counted_share(8, 1_000), weighted_share([(50.0, number < 8) for number in range(1_000)])

    assert counted is not None and drawn is not None
    assert (counted.share, counted.count) == (drawn.share, drawn.count) == (0.008, 1_000)
    assert (counted.low, counted.high) == pytest.approx((0.0041, 0.0157), abs=0.0001)
    assert (drawn.low, drawn.high) == pytest.approx((counted.low, counted.high), abs=0.0001)


def test_the_test_of_two_shares_is_the_usual_one() -> None:
    """60 of 100 and 45 of 100: z = 2.124, p = 0.0337."""
    one, other = (Share(so / 100, 0, 1, 100, 100.0) for so in (60, 45))

    assert difference_by_chance(one, other) == pytest.approx(0.0337, abs=0.0002)
    assert difference_by_chance(one, one) == 1.0


def test_the_correction_is_holms() -> None:
    assert corrected([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert corrected([]) == []


def simulated(chances: random.Random) -> tuple[float, Share]:
    """The true error of twenty days, and the found one: sections differ, and are drawn as the worker draws.

    The state is the worker's, but for the pace, which is known here.
    """
    settings = SiteSettings(check_share=0.02, check_most_per_day=15)
    errors = {f"s{n}": chances.uniform(0.0, 0.06) for n in range(chances.randint(1, 5))}
    sizes = [chances.uniform(0.5, 4) for _ in errors]
    per_day, wrong, total = chances.randint(50, 300), 0, 0
    days: list[list[Drawn]] = []
    for _ in range(20):
        days.append([])
        before = tuple(d for day in days[-1 - check_draws.LOOKED_BACK // DAY :] for d in day)
        probabilities: dict[str, float] = {}
        for section in chances.choices(list(errors), sizes, k=int(per_day * chances.uniform(0.5, 1.5))):
            is_wrong = chances.random() < errors[section]
            wrong, total = wrong + is_wrong, total + 1
            if section not in probabilities:
                state = DrawState(len(days[-1]), float(per_day), (*before, *days[-1]))
                probabilities[section] = check_draws.chance(settings, PUBLISHED, section, state)
            if chances.random() < probabilities[section]:
                outcome = CommentStatus.REJECTED if is_wrong else PUBLISHED
                days[-1].append(Drawn(PUBLISHED, section, probabilities[section], outcome))
                probabilities.clear()
    found = weighted_share((1 / d.probability, d.outcome is not PUBLISHED) for day in days for d in day)
    assert found is not None
    assert all(len(day) <= settings.check_most_per_day for day in days)
    return wrong / total, found


def test_the_interval_covers_the_true_error_of_nearly_all_simulated_sites() -> None:
    sites = [simulated(random.Random(seed)) for seed in range(200)]

    covered = sum(found.low <= true <= found.high for true, found in sites)
    assert covered >= 0.93 * len(sites)
    assert sum(found.width for _, found in sites) / len(sites) < 0.08  # and it says something
    assert abs(sum(found.share - true for true, found in sites)) / len(sites) < 0.002  # without bias


def test_the_interval_covers_the_true_share_where_most_are_drawn_and_some_are_all_seen() -> None:
    """Two groups: of one everybody is asked, of the other one in fifty, who then speaks for fifty."""
    rng, covered = random.Random(17), 0
    for _site in range(300):
        truth = [rng.random() < 0.02 for _ in range(10_000)] + [rng.random() < 0.4 for _ in range(500)]
        asked = [(50.0, bad) for bad in truth[:10_000] if rng.random() < 1 / 50] + [
            (1.0, bad) for bad in truth[10_000:]
        ]
        share = weighted_share(asked)
        assert share is not None
        covered += share.low <= sum(truth) / len(truth) <= share.high

    assert covered / 300 >= 0.93
