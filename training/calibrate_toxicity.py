"""Fold a calibration into the classifier's last layer, so that Detoxify itself gives calibrated probabilities.

Per label a slope and an offset on the logit (Platt scaling) are fitted on rows that were not trained on. The order of
scores does not change, so no AUC does.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from training.checkpoint import model_from, write_checkpoint
from training.dataset import LABELS, VALID_FILE, Floats, Rows, join, read_rows
from training.scorer import logits_of

MIN_POSITIVES = 30
"""A label with fewer positive rows keeps slope 1 and offset 0: there is too little to fit."""

SLOPES = (0.4, 2.5)


@dataclass(frozen=True, slots=True)
class Platt:
    """`slope * logit + offset`, per label in the order of the labels."""

    slopes: tuple[float, ...]
    offsets: tuple[float, ...]


def calibrate(checkpoint: Path, data: Path, kept: Rows, out: Path) -> Path:
    """Fit on one half of the validation file and on the rows kept from training; write the calibrated checkpoint."""
    valid = read_rows(data / VALID_FILE)
    fitted = np.flatnonzero([is_fitted(text) for text in valid.texts])
    rows = join(valid.pick(fitted), kept)
    fold(checkpoint, fit(logits_of(checkpoint, rows.texts), rows, np.ones(len(rows), dtype=np.float32)), out)
    return out


def is_fitted(text: str) -> bool:
    """Whether a validation row belongs to the half that calibration is fitted on; diagrams show the other half."""
    return hashlib.sha256(text.encode("utf-8")).digest()[1] % 2 == 0


def fit(logits: Floats, rows: Rows, weights: Floats) -> Platt:
    """Fit on soft labels; `weights` (rows,) says how much each row counts."""
    pairs = [_fit_label(logits[:, place], rows.labels[:, place], weights) for place in range(len(LABELS))]
    return Platt(tuple(slope for slope, _ in pairs), tuple(offset for _, offset in pairs))


def fold(checkpoint: Path, calibration: Platt, out: Path) -> None:
    """Write a checkpoint whose logits are the calibrated ones."""
    model = model_from(checkpoint)
    for place, (slope, offset) in enumerate(zip(calibration.slopes, calibration.offsets, strict=True)):
        model.classifier.weight.data[place] *= slope
        model.classifier.bias.data[place] = model.classifier.bias.data[place] * slope + offset
    write_checkpoint(model, out)


def _fit_label(logits: Floats, labels: Floats, weights: Floats) -> tuple[float, float]:
    given = ~np.isnan(labels)
    if (labels[given] >= 0.5).sum() < MIN_POSITIVES:
        return 1.0, 0.0
    x, y = logits[given].astype(np.float64), labels[given].astype(np.float64)
    w = weights[given].astype(np.float64) / weights[given].sum()

    def cross_entropy(parameters: NDArray[np.float64]) -> float:
        z = parameters[0] * x + parameters[1]
        return float((w * (np.logaddexp(0.0, z) - y * z)).sum())

    found = minimize(cross_entropy, np.asarray([1.0, 0.0]), bounds=(SLOPES, (-4.0, 4.0)))
    return float(found.x[0]), float(found.x[1])
