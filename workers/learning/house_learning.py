"""Learns a site's house model from its examples, and judges it on the newest fifth of what people decided, which the
judged fit has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.insight.learning.examples import FEWEST_OF_EACH, by_source, digest, readiness
from workers.learning.house_figures import JudgedHouseModel, area, judge, ranges
from workers.learning.house_fit import Fit, best_strength, calibration, fitted, unseen_logits
from workers.learning.house_matrix import Bools, Doubles, HouseMatrix, Rows, Seen, matrix, reasons_of
from workers.learning.house_numbers import Numbers
from workers.learning.house_refusals import (
    FEWEST_JUDGED,
    InUse,
    Moved,
    civil_held,
    moved_by_few,
    moved_by_one,
    names_moved,
    no_better,
)
from workers.learning.house_words import telling_words
from workers.scoring.house.features import BUCKETS
from workers.scoring.house.model import HouseModel, of_weights, pack

JUDGED = 0.2
CURVE = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000)
STILL_RISING = 0.005  # of the AUC, from half of the examples to all
MOST_REASONS = 8


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model with its report. A ``refusal`` says why it is not offered; without enough decisions there is no model."""

    report: dict[str, Any]
    model: HouseModel | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of a matrix, oldest first. ``judged`` are the newest that people decided; ``older`` come before them."""

    older: Rows
    judged: Rows


def learn(seen: Sequence[Seen], *, now: datetime, in_use: InUse | None = None, judged: float = JUDGED) -> Learnt:
    """The examples are in the order of their decisions. The same examples give the same model."""
    every = [comment.example for comment in seen]
    ready = readiness(every, now=now)
    if not ready.is_enough:
        return _refused(every, ready.sentence)
    data = matrix(seen)
    split = split_by_time(data, judged)
    if (short := _short(data, split)) is not None:
        return _refused(every, short)
    return _Learning(data, split, in_use, digest(every)).run()


def split_by_time(data: HouseMatrix, judged: float = JUDGED) -> Split:
    by_people = np.flatnonzero(data.by_people)
    begins = by_people[int(len(by_people) * (1 - judged))]
    return Split(np.arange(begins), by_people[by_people >= begins])


def tuned(numbers: Numbers, labels: Bools, weights: Doubles) -> tuple[float, float, float]:
    """The strength, and the slope and shift that make logits into probabilities.

    The strength is chosen on the newest fifth. Slope and shift come from all examples, each scored by a fit that has
    not seen it: where few checks speak for many comments, one fifth of them says too little.
    """
    cut = int(len(labels) * (1 - JUDGED))
    older, newer = ((numbers[part], labels[part], weights[part]) for part in (slice(cut), slice(cut, None)))
    if any(side.all() or not side.any() for side in (older[1], newer[1])):
        return 1.0, 1.0, 0.0
    strength = best_strength(older, newer)
    logits = unseen_logits(numbers, labels, weights, strength=strength)
    return strength, *calibration(logits, labels, weights)


def _short(data: HouseMatrix, split: Split) -> str | None:
    for rows, named in ((split.judged, "newest"), (split.older, "older")):
        few = min(data.rejected[rows].sum(), (~data.rejected[rows]).sum())
        if few < FEWEST_JUDGED:
            return f"of the {named} {len(rows):,} examples one side has only {few}, and judging takes {FEWEST_JUDGED}"
    return None


def _refused(every: Sequence[Example], refusal: str) -> Learnt:
    report = {"examples": len(every), "by_source": by_source(every), "digest": digest(every), "refusal": refusal}
    return Learnt(report, refusal=refusal)


@dataclass(frozen=True, slots=True)
class _Learning:
    data: HouseMatrix
    split: Split
    in_use: InUse | None
    digest: str  # of all examples

    def run(self) -> Learnt:
        strength, slope, shift = self._tuned()
        both = self._fit(self.data.numbers, self.split.older, strength).bent(slope, shift)
        scores = both.logits(self.data.numbers[self.split.judged])
        house = self._fit(self.data.without_signals, self.split.older, strength)
        outputs = self._reasons(strength)
        whole = self._fit(self.data.numbers, np.arange(len(self.data)), strength)
        model = self._model(whole.bent(slope, shift), [(reason, fit) for reason, fit, _ in outputs])
        moved = self._moved(whole, model, strength, lambda fit: fit.bent(slope, shift))
        refusal = (moved.why if moved else None) or self._refusal(whole, model, scores)
        report = {
            **self._about(),
            "general": self._general(),
            "house": self._report(house.logits(self.data.without_signals[self.split.judged])),
            "both": self._report(scores),
            **self._curve(strength),
            "reasons": [{"reason": reason, **figures} for reason, _, figures in outputs],
            "words": telling_words(model, self.data.counted),
            "bytes": len(pack(model)),
            "refusal": refusal,
            "moved": None if moved is None else {"words": list(moved.words), "people": moved.people},
            "accepted": sorted(self._accepted),
        }
        return Learnt(report, model, refusal)

    @property
    def _accepted(self) -> frozenset[str]:
        return self.in_use.accepted if self.in_use else frozenset()

    def _moved(self, fit: Fit, model: HouseModel, strength: float, calibrated: Callable[[Fit], Fit]) -> Moved | None:
        return (
            moved_by_few(self.data, fit, strength=strength, calibrated=calibrated, accepted=self._accepted)
            or moved_by_one(self.data, fit, strength=strength, calibrated=calibrated, accepted=self._accepted)
            or names_moved(self.data, fit, model, self._accepted)
        )

    def _refusal(self, whole: Fit, model: HouseModel, scores: Doubles) -> str | None:
        before = self.in_use.model if self.in_use else None
        return no_better(self.data, self.split.judged, scores, self._shipped, self.in_use) or civil_held(
            self.data, whole, model, before
        )

    def _tuned(self) -> tuple[float, float, float]:
        return tuned(*self._part(self.data.numbers, self.split.older))

    def _part(self, numbers: Numbers, rows: Rows) -> tuple[Numbers, Bools, Doubles]:
        return numbers[rows], self.data.rejected[rows], self.data.weights[rows]

    def _fit(self, numbers: Numbers, rows: Rows, strength: float) -> Fit:
        return fitted(*self._part(numbers, rows), strength=strength)

    def _judged(self, scores: Doubles) -> JudgedHouseModel:
        return judge(scores, self.data.rejected[self.split.judged], self.data.weights[self.split.judged])

    def _report(self, scores: Doubles) -> dict[str, Any]:
        rejected, weights = self.data.rejected[self.split.judged], self.data.weights[self.split.judged]
        return judge(scores, rejected, weights).report_with(ranges(scores, rejected, weights))

    @property
    def _shipped(self) -> Doubles:
        """The general models' scores of the judged. Where they say nothing, they say the same of all."""
        return np.nan_to_num(self.data.general[self.split.judged], nan=0.5)

    def _general(self) -> dict[str, Any] | None:
        if np.isnan(self.data.general[self.split.judged]).all():
            return None
        return self._report(self._shipped)

    def _about(self) -> dict[str, Any]:
        examples = self.data.examples
        judged = [examples[row] for row in self.split.judged]
        decided = [e for e in examples if e.source is not LabelSource.QUIET]
        return {
            "examples": len(examples),
            "by_source": by_source(examples),
            "decided": len(decided),
            "rejected": sum(e.is_rejected for e in decided),
            "learnt_from": decided[0].decided_at.isoformat(),
            "learnt_until": decided[-1].decided_at.isoformat(),
            "judged": len(judged),
            "judged_rejected": sum(e.is_rejected for e in judged),
            "judged_from": judged[0].decided_at.isoformat(),
            "spaces": list(self.data.spaces),
            "digest": self.digest,
        }

    def _curve(self, strength: float) -> dict[str, Any]:
        """The figures of fits on the newest of the older decisions, from few to all."""
        decided = self.split.older[self.data.by_people[self.split.older]]
        sizes = [size for size in CURVE if size < len(decided)] + [len(decided)]
        points = [(size, self._point(decided[-size:], strength)) for size in sizes]
        curve = [{"examples": size, **judged.report} for size, judged in points if judged is not None]
        half = self._point(decided[-(len(decided) // 2) :], strength)
        rising = half is not None and bool(curve) and curve[-1]["auc"] - half.auc > STILL_RISING
        return {"curve": curve, "more_would_help": rising}

    def _point(self, rows: Rows, strength: float) -> JudgedHouseModel | None:
        if min(self.data.rejected[rows].sum(), (~self.data.rejected[rows]).sum()) < FEWEST_JUDGED:
            return None
        fit = self._fit(self.data.numbers, rows, strength)
        return self._judged(fit.logits(self.data.numbers[self.split.judged]))

    def _reasons(self, strength: float) -> list[tuple[str, Fit, dict[str, Any]]]:
        """Each reason with examples enough: its fit on all of them, and how that of the older ones is judged."""
        counted = reasons_of([e for e in self.data.examples if e.is_rejected])
        frequent = [(reason, count) for reason, count in counted.items() if count >= FEWEST_OF_EACH][:MOST_REASONS]
        return [self._reason(reason, count, strength) for reason, count in frequent]

    def _reason(self, reason: str, count: int, strength: float) -> tuple[str, Fit, dict[str, Any]]:
        labels = np.asarray([e.reason == reason for e in self.data.examples], dtype=bool)
        older, judged = self.split.older, self.split.judged
        numbers, weights = self.data.numbers, self.data.weights
        figures: dict[str, Any] = {"examples": count, "auc": None}
        if labels[older].any() and min(labels[judged].sum(), (~labels[judged]).sum()) >= FEWEST_JUDGED:
            fit = fitted(numbers[older], labels[older], weights[older], strength=strength)
            figures["auc"] = round(area(fit.logits(numbers[judged]), labels[judged], weights[judged]), 4)
        return reason, fitted(numbers, labels, weights, strength=strength), figures

    def _model(self, rejection: Fit, reasons: Sequence[tuple[str, Fit]]) -> HouseModel:
        fits = [rejection, *(fit for _, fit in reasons)]
        columns = len(self.data.buckets)
        stacked = np.stack([fit.weights for fit in fits], axis=1)
        weights = np.zeros((BUCKETS + len(stacked) - columns, len(fits)))
        weights[self.data.buckets] = stacked[:columns] * self.data.rarity[:, None]
        weights[BUCKETS:] = stacked[columns:]
        return of_weights(
            weights,
            [fit.bias for fit in fits],
            spaces=self.data.spaces,
            signals=self.data.signals,
            reasons=[reason for reason, _ in reasons],
        )
