"""Judges scores by what people decided: the order of the comments, and how many could be decided without a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from workers.learning.house_matrix import Bools, Doubles, Rows

ERRORS = (0.01, 0.02)
RESAMPLES = 200
SURE = 0.95  # of the resamples


@dataclass(frozen=True, slots=True)
class Automated:
    """The largest shares that could be published and rejected without a person if at most the share ``error`` of each
    were wrong. The limits are chosen on the comments that they are measured on."""

    error: float
    published: float
    rejected: float

    @property
    def share(self) -> float:
        return min(1.0, self.published + self.rejected)


@dataclass(frozen=True, slots=True)
class Ranges:
    """In each of these lie 95 in a hundred resamples of the comments: the AUC, and the share decided at each error."""

    auc: tuple[float, float]
    shares: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class JudgedHouseModel:
    """Scores beside people's decisions. ``auc`` is the share of pairs of a rejected and another comment in the right
    order."""

    auc: float
    automated: tuple[Automated, ...]

    @property
    def report(self) -> dict[str, Any]:
        automated = [{**asdict(point), "share": round(point.share, 4)} for point in self.automated]
        return {"auc": self.auc, "automated": automated}

    def report_with(self, ranges: Ranges) -> dict[str, Any]:
        """The same with the lowest and the highest that each figure may well be."""
        report = self.report
        automated = [
            {**point, "share_range": list(own)} for point, own in zip(report["automated"], ranges.shares, strict=True)
        ]
        return {**report, "auc_range": list(ranges.auc), "automated": automated}


def judge(scores: Doubles, rejected: Bools, weights: Doubles) -> JudgedHouseModel:
    """Both sides occur. Comments count by their weights."""
    return JudgedHouseModel(
        round(area(scores, rejected, weights), 4), tuple(automated(scores, rejected, weights, e) for e in ERRORS)
    )


def ranges(scores: Doubles, rejected: Bools, weights: Doubles) -> Ranges:
    """The ranges by the bootstrap's percentiles. In each resample the limits are chosen anew."""
    drawn = [judge(scores[rows], rejected[rows], weights[rows]) for rows in _resamples(rejected)]
    shares = np.asarray([[point.share for point in judged.automated] for judged in drawn])
    return Ranges(_middle(np.asarray([judged.auc for judged in drawn])), tuple(_middle(column) for column in shares.T))


def _middle(values: Doubles) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - SURE) / 2, (1 + SURE) / 2))
    return round(float(low), 4), round(float(high), 4)


def area(scores: Doubles, rejected: Bools, weights: Doubles) -> float:
    return float(roc_auc_score(rejected, scores, sample_weight=weights))


def automated(scores: Doubles, rejected: Bools, weights: Doubles, error: float) -> Automated:
    published = _largest_share(scores, rejected, weights, error)
    rejecting = _largest_share(-scores, ~rejected, weights, error)
    return Automated(error, round(published, 4), round(min(rejecting, 1 - published), 4))


def share_better(scores: Doubles, others: Doubles, rejected: Bools, weights: Doubles) -> float:
    """The share of bootstrap resamples of the comments in which ``scores`` have the greater AUC."""
    return float(
        np.mean(
            [
                area(scores[rows], rejected[rows], weights[rows]) > area(others[rows], rejected[rows], weights[rows])
                for rows in _resamples(rejected)
            ]
        )
    )


def share_deciding_less(
    scores: Doubles, others: Doubles, rejected: Bools, weights: Doubles, *, error: float = ERRORS[0]
) -> float:
    """The share of bootstrap resamples in which ``scores`` decide fewer comments without a person at this error."""

    def decided(by: Doubles, rows: Rows) -> float:
        return automated(by[rows], rejected[rows], weights[rows], error).share

    return float(np.mean([decided(scores, rows) < decided(others, rows) for rows in _resamples(rejected)]))


def _resamples(rejected: Bools, *, seed: int = 1) -> Iterator[Rows]:
    """The resamples with both sides."""
    random = np.random.default_rng(seed)
    draws = (random.integers(0, len(rejected), len(rejected)) for _ in range(RESAMPLES))
    return (rows for rows in draws if rejected[rows].any() and not rejected[rows].all())


def _largest_share(scores: Doubles, wrong: Bools, weights: Doubles, error: float) -> float:
    """Of the comments from the lowest score up, the largest share of which at most ``error`` is wrong. Comments with
    the same score go together."""
    order = np.argsort(scores, kind="stable")
    taken = np.cumsum(weights[order])
    mistaken = np.cumsum(weights[order] * wrong[order])
    ends = np.append(np.diff(scores[order]) > 0, True)
    fine = ends & (mistaken <= error * taken)
    return float(taken[fine][-1] / taken[-1]) if fine.any() else 0.0
