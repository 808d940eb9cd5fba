"""Fold a calibration into the classifier's last layer, so that Detoxify itself gives calibrated probabilities.

Per label a slope and an offset on the logit (Platt scaling) are fitted on rows that were not trained on; toxicity is
read off the logits of all labels, since the heads for insults and attacks also recognise toxic comments.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.loop.batches import as_scored
from training.loop.checkpoint import model_from, write_checkpoint
from training.loop.logistic import Doubles, fit_logistic
from training.loop.scorer import logits_of
from training.rows.assemble import OWN, TOXICITY
from training.rows.dataset import LABELS, VALID_FILE, Floats, Rows, join, read_rows
from training.rows.news import CIVIL_COMMENTS, NEWS_VALID, news_rows

MIN_POSITIVES = 30
"""A label with fewer positive rows keeps slope 1 and offset 0: there is too little to fit."""

SHRINKAGE = 1e-4
"""Of the slopes, since the logits of the labels go much the same way."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`matrix @ logits + offsets`, in the order of the labels: (labels, labels) and (labels,)."""

    matrix: Doubles
    offsets: Doubles

    def of(self, logits: Floats) -> Floats:
        """The calibrated logits of the same shape (rows, labels)."""
        return np.asarray(logits @ self.matrix.T + self.offsets, dtype=np.float32)


def calibrate(checkpoint: Path, data: Path, kept: Rows, out: Path) -> Path:
    """Write the calibrated checkpoint; ``kept`` are the rows that were kept from training."""
    rows, counts = rows_to_fit(data, kept)
    fold(checkpoint, fit(logits_of(checkpoint, as_scored(rows.texts)), rows, counts), out)
    return out


def rows_to_fit(data: Path, kept: Rows) -> tuple[Rows, Doubles]:
    """One half of each validation file and the rows kept from training, and how much each counts.

    The kinds count as much as each other: social media and talk pages, comments on news, and our own texts.
    """
    files = (read_rows(data / VALID_FILE), news_rows(data / NEWS_VALID))
    halves = [rows.pick(np.flatnonzero([is_fitted(text) for text in rows.texts])) for rows in files]
    rows = join(*halves, kept)
    own = np.asarray([source.startswith(OWN) for source in rows.sources])
    news = np.asarray([source.startswith(CIVIL_COMMENTS) for source in rows.sources])
    counts = np.zeros(len(rows), dtype=np.float64)
    for kind in (own, news, ~own & ~news):
        counts[kind] = 1 / max(1, int(kind.sum()))
    return rows, counts


def is_fitted(text: str) -> bool:
    """Whether a validation row belongs to the half on which calibration is fitted; diagrams show the other half."""
    return hashlib.sha256(text.encode("utf-8")).digest()[1] % 2 == 0


def fit(logits: Floats, rows: Rows, counts: Doubles) -> Calibration:
    """Fit on soft labels; `counts` (rows,) says how much each row counts."""
    matrix, offsets = np.eye(len(LABELS)), np.zeros(len(LABELS))
    for place in range(len(LABELS)):
        given = ~np.isnan(rows.labels[:, place])
        if (rows.labels[given, place] >= 0.5).sum() < MIN_POSITIVES:
            continue
        known = list(range(len(LABELS))) if place == TOXICITY else [place]
        x, y = logits[given][:, known].astype(np.float64), rows.labels[given, place].astype(np.float64)
        slopes, offset = fit_logistic(x, y, counts[given], shrinkage=SHRINKAGE)
        matrix[place, known], offsets[place] = slopes, offset
    return Calibration(matrix, offsets)


def fold(checkpoint: Path, calibration: Calibration, out: Path) -> None:
    """Write a checkpoint whose logits are the calibrated ones."""
    model = model_from(checkpoint)
    matrix = torch.from_numpy(calibration.matrix).float()
    layer = model.classifier
    layer.weight.data = matrix @ layer.weight.data
    layer.bias.data = matrix @ layer.bias.data + torch.from_numpy(calibration.offsets).float()
    write_checkpoint(model, out)
