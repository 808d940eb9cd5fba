"""Fit the linear model on n-grams beside the encoder, and weigh the two against each other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]

from training.limits.policy_rows import Mask, mentions
from training.loop.batches import as_scored
from training.loop.logistic import Doubles, fit_logistic
from training.rows.assemble import OWN, TOXICITY, Mix, second_stage
from training.rows.dataset import LABELS, TRAIN_FILE, Floats, Rows, join, read_rows
from training.rows.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows
from training.rows.news_mix import HAND_LABELS, TEXTS
from training.toxicity.calibrate import MIN_POSITIVES
from workers.scoring.engines.weights import Calibration
from workers.scoring.ngrams.model import NGrams, features_of, weighted

BUCKETS = 1 << 18
"""Four times as many brought no more."""

REGULARISATION, EPOCHS = 0.8, 6
"""Of stochastic gradient descent, the first over the number of rows. On the natural mix of comments on news four times
as much has an AUC of 0.825 instead of 0.843, a fifth of it 0.828."""

NEWS_WEIGHT = 6.0
"""Comments on news are one row in eight."""

OWN_WEIGHT = 2.0
CIVIL_OF_GROUP, CIVIL_TO = 30.0, 0.3
"""Civil rows that name a group count so many times: among labelled rows those that name one are mostly toxic, because
they were chosen so. Among comments as they come they are not."""

LEAST_WEIGHT = 0.2
"""Of a row whose label is 0.5; one that is sure counts 1."""

TOXICITY_SHARE = 0.3
"""Of the n-grams' logit for toxicity, beside the encoder's whole one. On the natural mix and the published comments 0.2
to 0.5 order about as well; with more, fewer civil comments that name a group are held, and fewer hateful ones."""

ENOUGH = 1_000
"""Positive rows of a label. With fewer, single words would decide."""


def rows_for_ngrams(data: Path) -> Rows:
    """All labelled rows in English, and our own texts, once each."""
    rows, _ = second_stage(read_rows(data / TRAIN_FILE), TEXTS, HAND_LABELS, Mix(own_copies=1, hand_copies=1))
    return join(rows, news_rows(data / NEWS_TRAIN))


def train_ngrams(rows: Rows) -> NGrams:
    """A logistic regression per label with enough positive rows; the surer a row's label, the more the row counts."""
    counted = features_of(as_scored(rows.texts), BUCKETS)
    rarity = rarity_of([buckets for buckets, _ in counted])
    matrix = matrix_of([(buckets, weighted(buckets, counts, rarity)) for buckets, counts in counted])
    names_group = np.any(list(mentions(rows.texts).values()), axis=0)
    positives = np.nansum(rows.labels >= 0.5, axis=0)
    labels = tuple(label for label, many in zip(LABELS, positives, strict=True) if many >= ENOUGH)
    weights, bias = np.zeros((BUCKETS, len(labels)), dtype=np.float32), np.zeros(len(labels), dtype=np.float32)
    for place, label in enumerate(labels):
        values = rows.labels[:, LABELS.index(label)]
        given = np.flatnonzero(~np.isnan(values))
        counts = (_counts(rows, LABELS.index(label)) * _of_groups(values, names_group))[given]
        model = SGDClassifier(
            loss="log_loss", alpha=REGULARISATION / len(given), max_iter=EPOCHS, tol=None, random_state=0
        )
        model.fit(matrix[given], values[given] >= 0.5, sample_weight=counts / counts.mean())
        weights[:, place], bias[place] = model.coef_[0], model.intercept_[0]
    return NGrams(labels, rarity, weights, bias)


def _of_groups(values: Floats, names_group: Mask) -> Floats:
    return np.where(names_group & (values <= CIVIL_TO), CIVIL_OF_GROUP, 1).astype(np.float32)


def _counts(rows: Rows, label: int) -> Floats:
    """How much each row counts for a label, shape (rows,)."""
    is_own = np.asarray([source.startswith(OWN) for source in rows.sources])
    on_news = np.asarray([source.startswith(CIVIL_COMMENTS) for source in rows.sources])
    sure = LEAST_WEIGHT + 2 * (1 - LEAST_WEIGHT) * np.abs(rows.labels[:, label] - 0.5)
    counts = rows.weights[:, label] * sure * np.where(is_own, OWN_WEIGHT, 1) * np.where(on_news, NEWS_WEIGHT, 1)
    return np.asarray(counts, dtype=np.float32)


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
            shares = np.asarray([1.0, TOXICITY_SHARE])
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
    rarity: Floats = (np.log((1 + len(buckets)) / (1 + rows)) + 1).astype(np.float32)
    return rarity


def matrix_of(rows: list[tuple[NDArray[np.int64], Floats]], size: int = BUCKETS) -> csr_matrix:
    """One row for each text's buckets and their values."""
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    values, places = (np.concatenate([row[kind] for row in rows]) for kind in (1, 0))
    return csr_matrix((values, places, ends), shape=(len(rows), size))
