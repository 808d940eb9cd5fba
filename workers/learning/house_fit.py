"""Fits the house model's regressions: the same data give the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from workers.learning.house_matrix import Bools, Doubles
from workers.learning.house_numbers import Numbers

STRENGTHS = (0.03, 0.1, 0.5, 2.0)  # inverse of the regularisation, as scikit-learn has it: the best of them is taken
MOST_STEPS = 200
CALM = 1e-6  # a step that improves the loss by a smaller share is the last: further digits change no order
PARTS = 5  # of the examples, each scored by a fit on the others
FEWEST_TO_CALIBRATE = 20  # of each side
SMALLEST_SLOPE = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """``weights`` (columns,) and ``bias`` give a logit."""

    weights: Doubles
    bias: float

    def logits(self, numbers: Numbers) -> Doubles:
        return numbers.times(self.weights.astype(np.float32)).astype(np.float64) + self.bias

    def bent(self, slope: float, shift: float) -> Fit:
        """The same order of comments, with other probabilities."""
        return Fit(self.weights * slope, self.bias * slope + shift)


def fitted(numbers: Numbers, labels: Bools, weights: Doubles, *, strength: float) -> Fit:
    """The weights of the examples are taken relative to the mean of those above 0; a weight of 0 leaves an example out.

    Minimises half the squared weights and bias plus ``strength`` times the weighted log loss, as liblinear does, but by
    L-BFGS on the numbers as they are: liblinear needs a copy of them four times as large. One thread, since the order
    of a sum changes its last digits.
    """
    shares = weights / weights.sum()
    ridge = 1 / (strength * np.count_nonzero(weights))
    sides = np.where(labels, 1.0, -1.0)

    def loss(point: Doubles) -> tuple[float, Doubles]:
        margins = sides * Fit(point[:-1], float(point[-1])).logits(numbers)
        errors = -shares * sides * expit(-margins)
        slope = np.append(numbers.transposed_times(errors.astype(np.float32)), errors.sum()) + ridge * point
        return float(shares @ np.logaddexp(0, -margins)) + ridge / 2 * float(point @ point), slope

    with threadpool_limits(1, user_api="blas"):
        options = {"maxiter": MOST_STEPS, "ftol": CALM, "gtol": 0.0}
        solution = minimize(loss, np.zeros(numbers.shape[1] + 1), jac=True, method="L-BFGS-B", options=options).x
    return Fit(solution[:-1], float(solution[-1]))


def best_strength(
    older: tuple[Numbers, Bools, Doubles], newer: tuple[Numbers, Bools, Doubles], strengths: Sequence[float] = STRENGTHS
) -> float:
    """The strength whose fit of the ``older`` numbers, labels and weights loses least on the ``newer`` ones."""
    fits = {strength: fitted(*older, strength=strength) for strength in strengths}
    losses = {strength: log_loss(fit.logits(newer[0]), newer[1], newer[2]) for strength, fit in fits.items()}
    return min(losses, key=losses.__getitem__)


def unseen_logits(numbers: Numbers, labels: Bools, weights: Doubles, *, strength: float) -> Doubles:
    """Of each example, by a fit that has not seen it (cross-fitting). Every part has its share of both labels, of each
    of which there must be two."""
    logits, parts = np.empty(len(labels)), np.empty(len(labels), dtype=np.int64)
    for side in (labels, ~labels):
        parts[side] = np.arange(side.sum()) % PARTS
    for part in range(PARTS):
        mine = parts == part
        fit = fitted(numbers, labels, np.where(mine, 0.0, weights), strength=strength)
        logits[mine] = fit.logits(numbers)[mine]
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
