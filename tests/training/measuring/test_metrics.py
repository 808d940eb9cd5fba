"""The measures that the model cards quote."""

import numpy as np
import pytest

from training.measuring.metrics import (
    auc,
    auc_with_interval,
    calibration_error,
    flagged,
    over_flag_rate,
    recall,
    reliability,
)


def test_auc_counts_pairs_in_the_right_order_and_ties_as_half() -> None:
    scores = np.asarray([0.1, 0.4, 0.4, 0.9], dtype=np.float32)
    positive = np.asarray([False, True, False, True])

    assert auc(scores, positive) == pytest.approx(3.5 / 4)


def test_auc_of_one_class_is_none() -> None:
    assert auc(np.ones(3, dtype=np.float32), np.ones(3, dtype=bool)) is None


def test_interval_holds_the_value_and_leaves_unlabelled_rows_out() -> None:
    random = np.random.default_rng(1)
    labels = (random.random(400) > 0.5).astype(np.float32)
    scores = (labels * 0.3 + random.random(400)).astype(np.float32)
    labels[:50] = np.nan

    measured = auc_with_interval(scores, labels, resamples=200)

    assert measured.rows == 350
    assert measured.low is not None and measured.value is not None and measured.high is not None
    assert 0.5 < measured.low < measured.value < measured.high < 1


@pytest.mark.parametrize(("score", "expected"), [(0.79, False), (0.8, True), (0.81, True)])
def test_a_row_is_flagged_from_its_limit_on(score: float, expected: bool) -> None:
    limits = np.asarray([0.8, 0.9], dtype=np.float32)

    flags = flagged(np.asarray([[score, 0.1]], dtype=np.float32), limits)

    assert bool(flags[0]) is expected


def test_over_flag_rate_looks_at_civil_rows_and_recall_at_plain_ones() -> None:
    toxicity = np.asarray([0.0, 0.2, 0.5, 0.8, 1.0], dtype=np.float32)
    flags = np.asarray([True, False, True, True, False])

    assert over_flag_rate(flags, toxicity) == pytest.approx(0.5)
    assert recall(flags, toxicity) == pytest.approx(0.5)


def test_calibration_error_is_nought_for_scores_that_say_what_people_said() -> None:
    honest = reliability(np.full(10, 0.3, np.float32), np.asarray([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], np.float32))
    boastful = reliability(np.full(10, 0.9, np.float32), np.asarray([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], np.float32))

    assert calibration_error(honest) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(boastful) == pytest.approx(0.6, abs=1e-6)
