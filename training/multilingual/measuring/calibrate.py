"""Fits each language's scale and shift, so that the default limits hold the same share of civil comments in all.

Raters of different languages drew the line at different places, and sources hold between a tenth and two thirds of
toxic rows, so a probability that fits one source would mean little beside another. But a limit can hold the same share
of civil comments everywhere, and a newsroom sees that share.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.loop.logistic import fit_logistic
from training.multilingual.measuring.scored import TOXIC_FROM, Scored
from training.rows.dataset import LABELS, Floats
from workers.scoring.engines.onnx import logit
from workers.scoring.engines.weights import Calibration

HELD = 0.024
"""The share of a source's civil rows that the default limits may hold where they are fitted: the aim is 3 % elsewhere,
and other halves hold a little more."""

HELD_BY_EACH_OTHER = 0.003
"""The same for each label but toxicity: no other language than English has labels for them."""

RAISED = frozenset({"threat"})
"""Labels that the project's own texts teach in every language: they may rise until they hold that share, too."""

FEWEST_CIVIL = 130
"""A language with fewer civil rows to fit on gets the calibration of all together."""

LEAST_SLOPE = 0.2
ALL = "*"

Limits = Mapping[str, float]


def calibrations(scored: Scored, limits: Limits) -> dict[str, dict[str, Calibration]]:
    """By language and label; under ``ALL`` what languages without enough rows get."""
    by_language = {ALL: fit(scored, limits)}
    for language in sorted(set(scored.languages.tolist())):
        own = scored.of(language)
        if own.civil.sum() >= FEWEST_CIVIL:
            by_language[language] = fit(own, limits)
    return by_language


def fit(rows: Scored, limits: Limits) -> dict[str, Calibration]:
    """Toxicity has a slope by logistic regression; its shift, and those of the other labels, follow from the limits."""
    slope = slope_of(rows)
    civil = rows.where(rows.civil)
    by_label = {}
    others = civil.ruled.copy()
    for place, label in enumerate(LABELS):
        if label != "toxicity":
            limit = _edge_of(limits[label])
            highest = float(np.quantile(civil.logits[:, place], 1 - HELD_BY_EACH_OTHER))
            by_label[label] = Calibration(1.0, limit - highest if label in RAISED else min(0.0, limit - highest))
            others |= civil.logits[:, place] + by_label[label].shift >= limit
    limit = _edge_of(limits["toxicity"])
    return {"toxicity": Calibration(slope, limit - slope * _edge(civil, others)), **by_label}


def _edge_of(limit: float) -> float:
    return float(logit(np.asarray([limit], dtype=np.float32))[0])


def slope_of(rows: Scored) -> float:
    """Both classes weigh the same, so that a source's share of toxic rows does not matter."""
    toxic = rows.toxicity >= TOXIC_FROM
    counts = np.where(toxic, 1 / max(toxic.sum(), 1), 1 / max((~toxic).sum(), 1))
    values = rows.toxicity.astype(np.float64)
    slopes, _ = fit_logistic(rows.logits[:, :1].astype(np.float64), values, counts, least=LEAST_SLOPE)
    return float(slopes[0])


def _edge(civil: Scored, held: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """The logit of toxicity from which on a language's worst source has ``HELD`` of its civil rows held, with those
    that other labels and rules hold already. Several languages count as one source."""
    parts = [civil.sources == source for source in sorted(set(civil.sources.tolist()))]
    large = [own for own in parts if own.sum() >= FEWEST_CIVIL // 2]
    if len(set(civil.languages.tolist())) > 1 or not large:
        large = [np.ones(len(held), dtype=np.bool_)]
    edges = []
    for own in large:
        left = np.sort(civil.logits[own & ~held, 0])[::-1]
        allowed = max(0, int(HELD * own.sum()) - int(held[own].sum()))
        edges.append(float(left[min(allowed, len(left) - 1)]) + 1e-3)
    return max(edges)


def crossed(rows: Scored, limits: Limits) -> Floats:
    """Logits of each half by the calibration of the other half, so that no row is calibrated by itself."""
    logits = np.empty_like(rows.logits)
    for half in (rows.first_half, ~rows.first_half):
        logits[half] = calibrated(rows.where(half), calibrations(rows.where(~half), limits))
    return logits


def calibrated(rows: Scored, by_language: Mapping[str, Mapping[str, Calibration]]) -> Floats:
    """Logits after calibration: shape (rows, labels)."""
    logits = np.empty_like(rows.logits)
    for language in sorted(set(rows.languages.tolist())):
        own = np.asarray(rows.languages == language)
        logits[own] = _calibrated(rows.logits[own], by_language.get(language) or by_language[ALL])
    return logits


def _calibrated(logits: Floats, own: Mapping[str, Calibration]) -> Floats:
    scale = np.asarray([own[label].scale for label in LABELS], dtype=np.float32)
    shift = np.asarray([own[label].shift for label in LABELS], dtype=np.float32)
    return np.asarray(logits * scale + shift, dtype=np.float32)
