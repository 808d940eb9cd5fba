"""Why a model is not offered: it is not clearly better than what is there, or it holds much more than it should for
what one person said, or than the version in use. Then a lead may put it into use, and the night does not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from moderation.learning.examples import FEWEST_OF_EACH
from workers.learning.house_fit import Fit, fitted
from workers.learning.house_judging import SURE, area, share_better, share_deciding_less
from workers.learning.house_matrix import Doubles, Matrix, Rows, scores_by
from workers.scoring.house.model import HouseModel

FEWEST_JUDGED = 10  # of each side, among the newest
MOST_PEOPLE = 3  # whose part is looked at: those with most weight among the rejections
LEAST_PART = 0.05  # of that weight
HELD = 0.0  # the logit of one half
MOST_MOVED = 0.02  # of the comments that others published
FEWEST_MOVED = 10
MOST_CIVIL = 0.2  # of the civil sentences, over the version in use
MOST_RISE = 0.05  # of the comments that people published, over the version in use


@dataclass(frozen=True, slots=True)
class InUse:
    """The version that the site has now, and the time of the last decision that it has seen."""

    model: HouseModel
    learnt_until: datetime


def no_better(data: Matrix, rows: Rows, scores: Doubles, shipped: Doubles, in_use: InUse | None) -> str | None:
    """Why the scores of these comments are no reason to offer the model. ``shipped`` are the shipped models' scores."""
    rejected, weights = data.rejected[rows], data.weights[rows]
    if share_better(scores, shipped, rejected, weights) < SURE:
        return "it is not clearly better than the shipped models on the newest decisions"
    if share_deciding_less(scores, shipped, rejected, weights) >= SURE:
        return "at 1 % error it decides clearly fewer of the newest comments than the shipped models alone"
    return _no_gain(data, rows, scores, in_use) if in_use else None


def _no_gain(data: Matrix, rows: Rows, scores: Doubles, in_use: InUse) -> str | None:
    """Over the version in use, by the decisions that this one has not seen either, and by what it would hold."""
    rejected, weights, version = data.rejected[rows], data.weights[rows], in_use.model.version
    new = np.asarray([data.examples[row].decided_at > in_use.learnt_until for row in rows])
    if min(rejected[new].sum(), (~rejected[new]).sum()) < FEWEST_JUDGED:
        return f"too few decisions are new since {version}, which stays in use"
    before = scores_by(in_use.model, [data.seen[row] for row in rows[new]])
    if area(scores[new], rejected[new], weights[new]) <= area(before, rejected[new], weights[new]):
        return f"it judges the decisions since {version} no better than that version does"
    return rise(data, rows, scores, in_use.model)


def moved_by_one(data: Matrix, fit: Fit, *, strength: float) -> str | None:
    """Why a lead must look, if the fit holds many comments that others published only for the labels of one person."""
    logits = fit.logits(data.numbers)
    for by in _heaviest(data):
        own = np.asarray([e.by == by for e in data.examples], dtype=bool)
        weights = np.where(own, 0.0, data.weights)
        if min(data.rejected[~own].sum(), (~data.rejected[~own]).sum()) < FEWEST_OF_EACH:
            continue  # the others alone could not teach
        others = fitted(data.numbers, data.rejected, weights, strength=strength).logits(data.numbers)
        published = ~own & ~data.rejected
        moved = int((published & (logits >= HELD) & (others < HELD)).sum())
        if moved >= max(FEWEST_MOVED, MOST_MOVED * published.sum()):
            return (
                f"for the labels of one person it would hold {moved:,} of {published.sum():,} comments that others "
                "let stand: a lead must look"
            )
    return None


def rise(data: Matrix, rows: Rows, scores: Doubles, before: HouseModel) -> str | None:
    """Why a lead must look, if of these comments it holds many more that people published than ``before`` does. The
    scores are logits."""
    published = rows[~data.rejected[rows]]
    now = float((scores[~data.rejected[rows]] >= HELD).mean())
    then = float((scores_by(before, [data.seen[row] for row in published]) >= 0.5).mean())
    if now > then + MOST_RISE:
        return (
            f"it would hold {now:.0%} of the newest comments that people published, and {before.version} holds "
            f"{then:.0%}: a lead must look"
        )
    return None


def civil_held(data: Matrix, model: HouseModel, before: HouseModel | None) -> str | None:
    """Why a lead must look, if the model holds many more of the civil sentences that come with Gavel than the version
    in use. Each is read with the vector and the scores of the published comment in the middle."""
    published = [one for one, rejected in zip(data.seen, data.rejected, strict=True) if not rejected]
    middle = published[int(np.argsort(scores_by(model, published), kind="stable")[len(published) // 2])]
    seen = [replace(middle, example=replace(middle.example, text=sentence)) for sentence in _sentences()]
    now, then = (0.0 if m is None else float((scores_by(m, seen) >= 0.5).mean()) for m in (model, before))
    if now > then + MOST_CIVIL:
        return f"it would hold {now:.0%} of {len(seen)} civil sentences, and {then:.0%} are held now: a lead must look"
    return None


def _sentences() -> list[str]:
    return Path(__file__).with_name("civil_sentences.txt").read_text(encoding="utf-8").splitlines()


def _heaviest(data: Matrix) -> list[str]:
    parts = defaultdict[str, float](float)
    for example, weight in zip(data.examples, data.weights, strict=True):
        if example.by is not None and example.is_rejected:
            parts[example.by] += float(weight)
    if len({e.by for e in data.examples} - {None}) < 2:
        return []  # there is nobody else
    least = LEAST_PART * float(data.weights[data.rejected].sum())
    return sorted((by for by, part in parts.items() if part >= least), key=lambda by: (-parts[by], by))[:MOST_PEOPLE]
