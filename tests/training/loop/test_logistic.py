"""The logistic fit finds the least cross-entropy, with slopes that are shrunk and bounded as asked."""

from __future__ import annotations

import numpy as np
import pytest

from training.loop.logistic import Doubles, fit_logistic


def rows(count: int = 400) -> tuple[Doubles, Doubles]:
    """Two columns, and values that rise with the first one and fall with the second."""
    random = np.random.default_rng(7)
    columns = random.normal(size=(count, 2))
    values = 1 / (1 + np.exp(-(1.5 * columns[:, 0] - 0.7 * columns[:, 1] + 0.3)))
    return columns, values


def test_the_slopes_that_made_the_values_are_found() -> None:
    columns, values = rows()

    slopes, offset = fit_logistic(columns, values, np.ones(len(values)))

    assert [*slopes, offset] == pytest.approx([1.5, -0.7, 0.3], abs=1e-3)


def test_no_slope_falls_below_the_least_one() -> None:
    columns, values = rows()

    slopes, _offset = fit_logistic(columns, values, np.ones(len(values)), least=0.0)

    assert slopes[0] > 1
    assert slopes[1] == 0.0


def test_shrinkage_draws_the_slopes_to_zero() -> None:
    columns, values = rows()
    plain, _ = fit_logistic(columns, values, np.ones(len(values)))

    shrunk, _ = fit_logistic(columns, values, np.ones(len(values)), shrinkage=0.1)

    assert np.all(np.abs(shrunk) < 0.8 * np.abs(plain))


def test_a_row_that_counts_for_nothing_changes_nothing() -> None:
    columns, values = rows()
    counts = np.ones(len(values))
    wrong = np.append(values, 1.0), np.append(counts, 0.0)

    alone = fit_logistic(columns, values, counts)
    beside = fit_logistic(np.vstack([columns, [9.0, 9.0]]), *wrong)

    assert beside[0] == pytest.approx(alone[0])
