"""Curves between our scale and another scorer's: applied between their points, and fitted so that they never fall."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.sites.settings import score_maps
from moderation.sites.settings.score_maps import LEAST_TEXTS, MAX_POINTS, Pair, Points, applied, fit, problems

CURVE: Points = ((0.1, 0.0), (0.5, 0.6), (0.9, 1.0))
SHARE = st.floats(0, 1)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(0.0, 0.0), (0.1, 0.0), (0.3, 0.3), (0.5, 0.6), (0.7, 0.8), (0.9, 1.0), (1.0, 1.0)]
)
def test_a_value_between_two_points_is_on_the_line(ours: float, theirs: float) -> None:
    assert applied(CURVE, ours) == pytest.approx(theirs)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(SHARE, SHARE), min_size=LEAST_TEXTS, max_size=200), SHARE, SHARE)
def test_a_fitted_curve_is_valid_and_never_falls(values: list[tuple[float, float]], one: float, other: float) -> None:
    points = fit([Pair(*pair) for pair in values])

    assert list(problems(points)) == []
    assert len(points) <= MAX_POINTS
    low, high = sorted((one, other))
    assert applied(points, low) <= applied(points, high)
    assert (applied(points, 0), applied(points, 1)) == (0, 1)


def test_a_known_curve_is_found_again() -> None:
    numbers = random.Random(7)
    ours = [numbers.random() for _ in range(2_000)]
    pairs = [Pair(x, min(1.0, max(0.0, x**2 + numbers.gauss(0, 0.05)))) for x in ours]

    points = fit(pairs)

    assert all(abs(applied(points, x) - x**2) < 0.03 for x in (0.2, 0.4, 0.6, 0.8, 0.9))


def test_a_step_with_few_texts_joins_its_neighbour() -> None:
    pairs = [Pair(0.02, 0.1)] * LEAST_TEXTS + [Pair(0.98, 0.2)]  # one odd text decides nothing

    assert len(fit(pairs)) == 3


def test_few_texts_make_no_curve() -> None:
    with pytest.raises(ValueError, match="49 texts are too few"):
        fit([Pair(0.1, 0.1)] * (LEAST_TEXTS - 1))


@pytest.mark.parametrize(
    "points",
    [(), ((0, 0),), ((0, 0), (0, 1)), ((0.5, 0), (0.4, 1)), ((0, 1), (1, 0)), ((0, 0), (1, 1.01)), ((-0.1, 0), (1, 1)),
     tuple((n / 31, n / 31) for n in range(31))],
)  # fmt: skip
def test_what_is_no_rising_curve_is_refused(points: Points) -> None:
    assert list(score_maps.problems(points))
