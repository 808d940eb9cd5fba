"""Soften the raters' toxicity labels with the scores of the model so far and the n-grams: a few votes are noisy.

Known as distillation from an ensemble (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network").
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.loop.batches import as_scored
from training.loop.logistic import fit_logistic
from training.rows.assemble import TOXICITY
from training.rows.dataset import LABELS, Floats, Rows, join
from training.toxicity.ngrams import train_ngrams

FOLDS = 3
NGRAMS_SHARE = 0.5
"""Of the n-grams' logit, beside the encoder's whole one."""

TEACHER_SHARE = 0.5
"""Of a label; the rest is what the raters said."""


def taught(rows: Rows, own: Rows, encoder: Floats, untouched: NDArray[np.bool_]) -> Rows:
    """The rows with softened toxicity labels, except those in ``untouched`` (rows,) and those without a label.

    ``encoder`` are the calibrated logits of toxicity, shape (rows,); ``own`` are the project's texts, from which the
    n-grams learn too.
    """
    says = _calibrated(encoder + NGRAMS_SHARE * _ngrams_say(rows, own), rows.labels[:, TOXICITY])
    labels = rows.labels.copy()
    soft = ~np.isnan(labels[:, TOXICITY]) & ~untouched
    labels[soft, TOXICITY] = (1 - TEACHER_SHARE) * labels[soft, TOXICITY] + TEACHER_SHARE * says[soft]
    return replace(rows, labels=labels)


def _ngrams_say(rows: Rows, own: Rows) -> Floats:
    """Logits of n-grams that were trained on the other rows."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(rows))
    logits = np.zeros(len(rows), dtype=np.float32)
    for number in range(FOLDS):
        here, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        ngrams = train_ngrams(join(_of_toxicity(rows.pick(others)), _of_toxicity(own)))
        logits[here] = ngrams.logits(as_scored(rows.pick(here).texts))[:, ngrams.labels.index(LABELS[TOXICITY])]
    return logits


def _of_toxicity(rows: Rows) -> Rows:
    labels = np.full_like(rows.labels, np.nan)
    labels[:, TOXICITY] = rows.labels[:, TOXICITY]
    return replace(rows, labels=labels)


def _calibrated(logits: Floats, labels: Floats) -> Floats:
    """Probabilities, by the slope and offset that fit the labels best."""
    given = ~np.isnan(labels)
    z, y = logits[given, None].astype(np.float64), labels[given].astype(np.float64)
    (slope,), offset = fit_logistic(z, y, np.ones(len(y)))
    return np.asarray(1 / (1 + np.exp(-(slope * logits + offset))), dtype=np.float32)
