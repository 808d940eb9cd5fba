"""Fits the house model's regressions with scikit-learn: the same data give the same weights."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from workers.learning.house_matrix import Bools, Doubles

STRENGTHS = (0.03, 0.1, 0.5, 2.0)  # inverse of the regularisation, as scikit-learn has it: the best of them is taken
MOST_STEPS = 100
CALM = 0.01  # the last digits change no order
SEED = 1  # of the order in which the dual solver looks at examples
PARTS = 5  # of the examples, each scored by a fit on the others
FEWEST_TO_CALIBRATE = 20  # of each side
SMALLEST_SLOPE = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """``weights`` (columns,) and ``bias`` give a logit."""

    weights: Doubles
    bias: float

    def logits(self, numbers: Any) -> Doubles:
        return np.asarray(numbers @ self.weights + self.bias, dtype=np.float64)

    def bent(self, slope: float, shift: float) -> Fit:
        """The same order of comments, with other probabilities."""
        return Fit(self.weights * slope, self.bias * slope + shift)


def fitted(numbers: Any, labels: Bools, weights: Doubles, *, strength: float) -> Fit:
    """The weights of the examples are taken relative to their mean. The dual solver needs a tenth of the time of others
    where columns are many and examples few."""
    regression = LogisticRegression(
        C=strength, solver="liblinear", dual=True, max_iter=MOST_STEPS, tol=CALM, random_state=SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression.fit(numbers, labels, sample_weight=weights / weights.mean())
    return Fit(regression.coef_[0].astype(np.float64), float(regression.intercept_[0]))


def best_strength(
    older: tuple[Any, Bools, Doubles], newer: tuple[Any, Bools, Doubles], strengths: Sequence[float] = STRENGTHS
) -> float:
    """The strength whose fit of the ``older`` numbers, labels and weights loses least on the ``newer`` ones."""
    fits = {strength: fitted(*older, strength=strength) for strength in strengths}
    losses = {strength: log_loss(fit.logits(newer[0]), newer[1], newer[2]) for strength, fit in fits.items()}
    return min(losses, key=losses.__getitem__)


def unseen_logits(numbers: Any, labels: Bools, weights: Doubles, *, strength: float) -> Doubles:
    """Of each example, by a fit that has not seen it (cross-fitting). Every part has its share of both labels, of each
    of which there must be two."""
    logits, parts = np.empty(len(labels)), np.empty(len(labels), dtype=np.int64)
    for side in (labels, ~labels):
        parts[side] = np.arange(side.sum()) % PARTS
    for part in range(PARTS):
        mine = parts == part
        fit = fitted(numbers[~mine], labels[~mine], weights[~mine], strength=strength)
        logits[mine] = fit.logits(numbers[mine])
    return logits


def calibration(logits: Doubles, labels: Bools, weights: Doubles) -> tuple[float, float]:
    """Slope and shift that make logits of unseen examples into probabilities (Platt 1999). Too few labels change
    nothing."""
    if min(labels.sum(), (~labels).sum()) < FEWEST_TO_CALIBRATE:
        return 1.0, 0.0
    bent = LogisticRegression(C=1e3).fit(logits[:, None], labels, sample_weight=weights / weights.mean())
    slope = float(bent.coef_[0, 0])
    return (slope, float(bent.intercept_[0])) if slope > SMALLEST_SLOPE else (1.0, 0.0)


def log_loss(logits: Doubles, labels: Bools, weights: Doubles) -> float:
    """The weighted mean in nats."""
    losses = np.logaddexp(0, np.where(labels, -logits, logits))
    return float(np.average(losses, weights=weights))
