"""A logistic regression that starts from a known model and moves away from it only as far as the labels ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from workers.scoring.ngrams import Buckets, Floats

Doubles = NDArray[np.float64]

STRENGTH = 2.0  # inverse of the regularisation, as scikit-learn has it
MOST_STEPS = 600
CALM = 1e-10  # a step that improves the loss by a smaller share is the last


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sparse features of many texts, shape (texts, changed). ``columns`` (changed,) names the bucket of each column."""

    columns: Buckets
    features: csr_array

    @classmethod
    def of(cls, vectors: Sequence[tuple[Buckets, Floats]]) -> Matrix:
        """From the buckets and values of each text."""
        buckets = np.concatenate([np.zeros(0, np.int64), *(found for found, _ in vectors)])
        values = np.concatenate([np.zeros(0), *(value for _, value in vectors)])
        ends = np.cumsum([0, *(len(found) for found, _ in vectors)])
        columns, places = np.unique(buckets, return_inverse=True)
        return cls(columns, csr_array((values, places, ends), shape=(len(vectors), len(columns))))


def balanced(labels: NDArray[np.bool_]) -> Doubles:
    """Weights that let both sides count alike, whichever is rarer; they sum to the number of labels."""
    weights = np.empty(len(labels))
    for side in (True, False):
        weights[labels == side] = len(labels) / 2 / max((labels == side).sum(), 1)
    return weights


def corrections(matrix: Matrix, known: Doubles, labels: NDArray[np.bool_]) -> tuple[Doubles, float]:
    """The corrections to the weights of ``matrix.columns`` and to the bias, from the ``known`` model's logits.

    Minimises the balanced log loss plus the squared corrections by L-BFGS, in one thread, since the order of a sum
    changes its last digits.
    """
    shares = balanced(labels) / len(labels)
    ridge = 1 / (STRENGTH * len(labels))
    sides = np.where(labels, 1.0, -1.0)

    def loss(point: Doubles) -> tuple[float, Doubles]:
        margins = sides * (known + matrix.features @ point[:-1] + point[-1])
        errors = -shares * sides * expit(-margins)
        slope = np.append(matrix.features.T @ errors, errors.sum()) + ridge * point
        return float(shares @ np.logaddexp(0, -margins)) + ridge / 2 * float(point @ point), slope

    with threadpool_limits(1, user_api="blas"):
        options = {"maxiter": MOST_STEPS, "ftol": CALM}
        found = minimize(loss, np.zeros(len(matrix.columns) + 1), jac=True, method="L-BFGS-B", options=options).x
    return found[:-1], float(found[-1])
