"""Fit the linear model on n-grams beside the encoder, and weigh the two against each other."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from training.assemble import OWN, TOXICITY
from training.batches import as_scored
from training.calibrate_toxicity import MIN_POSITIVES
from training.dataset import LABELS, Floats, Rows
from training.logistic import Doubles, fit_logistic
from workers.scoring.engines.weights import Calibration
from workers.scoring.ngrams.model import NGrams, features, weighted

BUCKETS = 1 << 18
"""Four times as many brought no more."""

STRENGTH = 5.0
"""Inverse of the regularisation."""

OWN_WEIGHT = 2.0
LEAST_WEIGHT = 0.2
"""Of a row whose label is 0.5; one that is sure counts 1."""

TOXICITY_STRENGTH = 2.0
"""The n-grams count so many times what fits the held-out rows best. Hardly any of those is a newspaper comment; on such
the encoder is less sure, and twice as much costs nothing elsewhere."""

ENOUGH = 1_000
"""Positive rows of a label. With fewer, single words would decide."""


def train_ngrams(rows: Rows) -> NGrams:
    """A logistic regression per label with enough positive rows; the surer a row's label, the more the row counts."""
    counted = [features(text, BUCKETS) for text in as_scored(rows.texts)]
    rarity = rarity_of([buckets for buckets, _ in counted])
    matrix = matrix_of([(buckets, weighted(buckets, counts, rarity)) for buckets, counts in counted])
    own = np.asarray([source.startswith(OWN) for source in rows.sources])
    positives = np.nansum(rows.labels >= 0.5, axis=0)
    labels = tuple(label for label, many in zip(LABELS, positives, strict=True) if many >= ENOUGH)
    weights, bias = np.zeros((BUCKETS, len(labels)), dtype=np.float32), np.zeros(len(labels), dtype=np.float32)
    for place, label in enumerate(labels):
        values = rows.labels[:, LABELS.index(label)]
        given = np.flatnonzero(~np.isnan(values))
        sure = LEAST_WEIGHT + 2 * (1 - LEAST_WEIGHT) * np.abs(values[given] - 0.5)
        model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
        counts = rows.weights[given, LABELS.index(label)] * np.where(own[given], OWN_WEIGHT, 1.0)
        model.fit(matrix[given], values[given] >= 0.5, sample_weight=sure * counts)
        weights[:, place], bias[place] = model.coef_[0], model.intercept_[0]
    return NGrams(labels, rarity, weights, bias)


def combine(logits: Floats, ngrams: NGrams, rows: Rows, counts: Doubles) -> tuple[NGrams, dict[str, Calibration]]:
    """The encoder's logits (rows, labels) and the n-grams' weighed against each other, per label.

    Fitted on rows that neither was trained on; ``counts`` (rows,) says how much each counts. Returns the n-grams with
    that weight in them, without the labels that have too few positive rows, and the calibration of the encoder's.
    """
    of_ngrams = ngrams.logits(as_scored(rows.texts))
    kept: list[int] = []
    calibrations: dict[str, Calibration] = {}
    weights, bias = ngrams.weights.copy(), ngrams.bias.copy()
    for place, label in enumerate(ngrams.labels):
        values = rows.labels[:, LABELS.index(label)]
        given = ~np.isnan(values)
        if (values[given] >= 0.5).sum() < MIN_POSITIVES:
            continue
        both = np.stack([logits[given, LABELS.index(label)], of_ngrams[given, place]], axis=1).astype(np.float64)
        known, counted = values[given].astype(np.float64), counts[given]
        (scale, weight), shift = fit_logistic(both, known, counted, least=0.0)
        if label == LABELS[TOXICITY]:
            shares = np.asarray([scale, TOXICITY_STRENGTH * weight])
            (slope,), shift = fit_logistic((both @ shares)[:, None], known, counted, least=0.0)
            scale, weight = slope * shares
        calibrations[label] = Calibration(float(scale), shift)
        weights[:, place] *= weight
        bias[place] *= weight
        kept.append(place)
    labels = tuple(ngrams.labels[place] for place in kept)
    return replace(ngrams, labels=labels, weights=weights[:, kept], bias=bias[kept]), calibrations


def rarity_of(buckets: list[NDArray[np.int64]], size: int = BUCKETS) -> Floats:
    """Smoothed inverse document frequency."""
    rows = np.bincount(np.concatenate(buckets), minlength=size)
    found: Floats = (np.log((1 + len(buckets)) / (1 + rows)) + 1).astype(np.float32)
    return found


def matrix_of(rows: list[tuple[NDArray[np.int64], Floats]], size: int = BUCKETS) -> csr_matrix:
    """One row for each text's buckets and their values."""
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    values, places = (np.concatenate([row[kind] for row in rows]) for kind in (1, 0))
    return csr_matrix((values, places, ends), shape=(len(rows), size))
