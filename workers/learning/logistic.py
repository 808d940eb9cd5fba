"""A logistic regression that starts from a known model and moves away from it only as far as the labels ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.scoring.ngrams import Buckets, Floats

Doubles = NDArray[np.float64]

STRENGTH = 2.0  # inverse of the regularisation, as scikit-learn has it
MOST_STEPS = 600
CALM = 1e-4  # the largest change of a weight in one step at which fitting ends


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sparse features of many texts. ``columns`` (changed,) names the bucket of each column."""

    columns: Buckets
    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    values: Doubles
    texts: int

    @classmethod
    def of(cls, vectors: Sequence[tuple[Buckets, Floats]]) -> Matrix:
        """From the buckets and values of each text."""
        buckets = np.concatenate([found for found, _ in vectors]) if vectors else np.zeros(0, np.int64)
        columns, places = np.unique(buckets, return_inverse=True)
        rows = np.repeat(np.arange(len(vectors)), [len(found) for found, _ in vectors])
        values = np.concatenate([value for _, value in vectors]).astype(np.float64) if vectors else np.zeros(0)
        return cls(columns, rows, places.astype(np.int64), values, len(vectors))

    def times(self, weights: Doubles) -> Doubles:
        """Shape (texts,)."""
        return np.asarray(np.bincount(self.rows, self.values * weights[self.places], self.texts), np.float64)

    def transposed_times(self, errors: Doubles) -> Doubles:
        """Shape (columns,)."""
        return np.asarray(np.bincount(self.places, self.values * errors[self.rows], len(self.columns)), np.float64)


def balanced(labels: NDArray[np.bool_]) -> Doubles:
    """Weights that let both sides count alike, whichever is rarer; they sum to the number of labels."""
    weights = np.empty(len(labels))
    for side in (True, False):
        weights[labels == side] = len(labels) / 2 / max((labels == side).sum(), 1)
    return weights


def corrections(matrix: Matrix, known: Doubles, labels: NDArray[np.bool_]) -> tuple[Doubles, float]:
    """The corrections to the weights of ``matrix.columns`` and to the bias, from the ``known`` model's logits.

    Minimises the balanced log loss plus the squared corrections by Nesterov's accelerated gradient, started again
    where it overshoots (O'Donoghue and Candès 2015, "Adaptive restart for accelerated gradient schemes"). The features
    of a text have length 1, which bounds the curvature and so gives the step.
    """
    shares = balanced(labels) / len(labels)
    ridge = 1 / (STRENGTH * len(labels))
    step = 1 / (0.25 * 2 + ridge)  # 2: the bias is one more feature of length 1
    here = np.zeros(len(matrix.columns) + 1)
    ahead, momentum = here.copy(), 1.0
    for _ in range(MOST_STEPS):
        errors = shares * (_sigmoid(known + matrix.times(ahead[:-1]) + ahead[-1]) - labels)
        slope = np.append(matrix.transposed_times(errors), errors.sum()) + ridge * ahead
        after = ahead - step * slope
        if float(slope @ (after - here)) > 0:
            momentum = 1.0
        later = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = after + (momentum - 1) / later * (after - here)
        moved = float(np.abs(after - here).max())
        here, momentum = after, later
        if moved < CALM:
            break
    return here[:-1], float(here[-1])


def _sigmoid(logits: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))
