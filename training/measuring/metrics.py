"""Measures of a score against labels given by people. Arithmetic only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from training.rows.dataset import Floats

POSITIVE_FROM = 0.5
RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve with its 95 % bootstrap interval; None where one class is missing."""

    value: float | None
    low: float | None
    high: float | None
    rows: int
    positives: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: mean score against mean label of the rows that fall into it."""

    rows: int
    score: float
    label: float


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float | None:
    """Mann–Whitney form of the area under the ROC curve; ties count half."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def auc_with_interval(scores: Floats, labels: Floats, *, seed: int = 11, resamples: int = RESAMPLES) -> Auc:
    """AUC over the rows that carry a label, with a percentile bootstrap over rows."""
    given = ~np.isnan(labels)
    scores, positive = scores[given], labels[given] >= POSITIVE_FROM
    value = auc(scores, positive)
    if value is None:
        return Auc(None, None, None, len(scores), int(positive.sum()))
    random = np.random.default_rng(seed)
    draws = (random.integers(0, len(scores), len(scores)) for _ in range(resamples))
    values = [drawn for rows in draws if (drawn := auc(scores[rows], positive[rows])) is not None]
    low, high = (float(edge) for edge in np.percentile(values, (2.5, 97.5)))
    return Auc(value, low, high, len(scores), int(positive.sum()))


def flagged(scores: Floats, limits: Floats) -> NDArray[np.bool_]:
    """Rows where any label reaches its limit; `scores` is (rows, labels), `limits` (labels,)."""
    return np.asarray((scores >= limits).any(axis=1), dtype=np.bool_)


def over_flag_rate(flags: NDArray[np.bool_], toxicity: Floats, *, civil_to: float = 0.2) -> float:
    """Share flagged of the rows that raters called civil (toxicity at most `civil_to`)."""
    return float(flags[toxicity <= civil_to + 1e-6].mean())


def recall(flags: NDArray[np.bool_], toxicity: Floats, *, plain_from: float = 0.8) -> float:
    """Share flagged of the rows that raters called plainly toxic (toxicity at least `plain_from`)."""
    return float(flags[toxicity >= plain_from - 1e-6].mean())


def reliability(scores: Floats, labels: Floats, *, bins: int = 10) -> tuple[Bin, ...]:
    """Equal-width bins over 0..1; empty bins are left out. Soft labels are averaged as they are."""
    given = ~np.isnan(labels)
    scores, labels = scores[given], labels[given]
    place = np.clip((scores * bins).astype(np.int64), 0, bins - 1)
    groups = ((scores[place == index], labels[place == index]) for index in range(bins))
    return tuple(Bin(len(s), float(s.mean()), float(y.mean())) for s, y in groups if len(s))


def calibration_error(bars: tuple[Bin, ...]) -> float:
    """Expected calibration error: the mean gap between score and label, weighted by rows."""
    rows = sum(bar.rows for bar in bars)
    return sum(bar.rows * abs(bar.score - bar.label) for bar in bars) / rows if rows else 0.0
