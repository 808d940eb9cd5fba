"""Fits the spam model to what one site's people rejected as spam, and judges it on their newest decisions.

The fit is a logistic regression that starts from the known model and moves away from it only as far as the labels
ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from moderation.insight.learning.example_rows import Example
from moderation.insight.learning.shares import weights as parts_of
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.masked_grams import masked_text
from workers.scoring.ngrams.corrections import SiteNGrams, pack
from workers.scoring.ngrams.model import Buckets, Floats, NGrams
from workers.scoring.scorable import Scorable

Doubles = NDArray[np.float64]

STRENGTH = 2.0  # inverse of the regularisation, as scikit-learn has it
MOST_STEPS = 600
CALM = 1e-10  # a step that improves the loss by a smaller share is the last


@dataclass(frozen=True, slots=True)
class SpamMatrix:
    """Sparse features of many texts, shape (texts, changed). ``columns`` (changed,) names the bucket of each column."""

    columns: Buckets
    features: csr_array

    @classmethod
    def of(cls, vectors: Sequence[tuple[Buckets, Floats]]) -> SpamMatrix:
        """The matrix from the buckets and values of each text."""
        buckets = np.concatenate([np.zeros(0, np.int64), *(own for own, _ in vectors)])
        values = np.concatenate([np.zeros(0), *(value for _, value in vectors)])
        ends = np.cumsum([0, *(len(own) for own, _ in vectors)])
        columns, places = np.unique(buckets, return_inverse=True)
        return cls(columns, csr_array((values, places, ends), shape=(len(vectors), len(columns))))


def balanced(labels: NDArray[np.bool_]) -> Doubles:
    """Weights that let both sides count alike, whichever is rarer; they sum to the number of labels."""
    weights = np.empty(len(labels))
    for side in (True, False):
        weights[labels == side] = len(labels) / 2 / max((labels == side).sum(), 1)
    return weights


def corrections(
    matrix: SpamMatrix, known: Doubles, labels: NDArray[np.bool_], parts: Doubles | None = None
) -> tuple[Doubles, float]:
    """The corrections to the weights of ``matrix.columns`` and to the bias, from the ``known`` model's logits. With
    ``parts`` (texts,), texts count by them within their side.

    Minimises the balanced log loss plus the squared corrections by L-BFGS, in one thread, since the order of a sum
    changes its last digits.
    """
    shares = balanced(labels) / len(labels)
    if parts is not None:
        for side in (True, False):
            own = labels == side
            shares[own] *= parts[own] * own.sum() / max(parts[own].sum(), 1e-9)
    ridge = 1 / (STRENGTH * len(labels))
    sides = np.where(labels, 1.0, -1.0)

    def loss(point: Doubles) -> tuple[float, Doubles]:
        margins = sides * (known + matrix.features @ point[:-1] + point[-1])
        errors = -shares * sides * expit(-margins)
        slope = np.append(matrix.features.T @ errors, errors.sum()) + ridge * point
        return float(shares @ np.logaddexp(0, -margins)) + ridge / 2 * float(point @ point), slope

    with threadpool_limits(1, user_api="blas"):
        options = {"maxiter": MOST_STEPS, "ftol": CALM}
        solution = minimize(loss, np.zeros(len(matrix.columns) + 1), jac=True, method="L-BFGS-B", options=options).x
    return solution[:-1], float(solution[-1])


MOST_DECISIONS = 20_000
FEWEST = 50  # decisions on each side, before there is anything to learn
FEWEST_JUDGED = 10  # on each side, among the newest
JUDGED = 0.2  # the newest share of the decisions, which the judged fit does not see
SURE = 0.95  # of the resamples, in which what was learnt must order the newest decisions better
RESAMPLES = 200
MOST_HELD = 0.02  # of the newest comments that are no spam, unless more were held before


@dataclass(frozen=True, slots=True)
class JudgedSpamModel:
    """A model on the newest decisions. ``caught`` and ``held`` are shares of spam and of the rest, at the limit."""

    auc: float
    log_loss: float
    caught: float
    held: float


@dataclass(frozen=True, slots=True)
class Refit:
    """``weights`` is None with a ``refusal`` that says why nothing was learnt."""

    spam: int
    other: int
    limit: float
    before: JudgedSpamModel | None = None
    after: JudgedSpamModel | None = None
    weights: bytes | None = None
    refusal: str | None = None

    @property
    def report(self) -> dict[str, Any]:
        """The figures for the audit trail and as JSON."""
        report = asdict(self)
        del report["weights"]
        return report


def refit(ngrams: NGrams, decided: Sequence[Example], *, limit: float, reason: str = SPAM_REASON) -> Refit:
    """``decided`` is in the order of the decisions. The weights are learnt from all of them, the judgement comes from a
    fit that has not seen the newest ``JUDGED``."""
    labels = np.asarray([example.reason == reason for example in decided], dtype=bool)
    spam, other = int(labels.sum()), int((~labels).sum())
    if min(spam, other) < FEWEST:
        short = f"{spam} decisions with the reason {reason} and {other} others: learning takes {FEWEST} of each"
        return Refit(spam, other, limit, refusal=short)
    vectors = [ngrams.vector(masked_text(Scorable(example.text))) for example in decided]
    known = np.asarray([ngrams.logit_of(*vector)[0] for vector in vectors], dtype=np.float64)
    kept = int(len(decided) * (1 - JUDGED))
    if (
        min(labels[kept:].sum(), (~labels[kept:]).sum()) < FEWEST_JUDGED
        or labels[:kept].all()
        or not labels[:kept].any()
    ):
        few = f"the newest {len(decided) - kept} decisions have fewer than {FEWEST_JUDGED} of one side to judge by"
        return Refit(spam, other, limit, refusal=few)
    parts = np.asarray(
        parts_of([example.by for example in decided], labels.tolist(), [1.0] * len(decided)), dtype=np.float64
    )
    older = fitted(vectors[:kept], known[:kept], labels[:kept], parts[:kept])
    corrected = known[kept:] + np.asarray([older.logit(*vector) for vector in vectors[kept:]])
    before, after = judge(known[kept:], labels[kept:], limit), judge(corrected, labels[kept:], limit)
    refusal = _refusal(before, after, known[kept:], corrected, labels[kept:])
    if refusal is not None:
        return Refit(spam, other, limit, before, after, refusal=refusal)
    learnt = fitted(vectors, known, labels, parts)
    packed = pack(learnt.buckets, learnt.corrections, learnt.bias)
    return Refit(spam, other, limit, before, after, weights=packed)


def _refusal(
    before: JudgedSpamModel, after: JudgedSpamModel, known: Doubles, corrected: Doubles, labels: NDArray[np.bool_]
) -> str | None:
    if after.held > max(before.held, MOST_HELD):
        return f"at the limit {after.held:.1%} of the newest comments that are no spam would be held"
    if after.log_loss >= before.log_loss or share_better(known, corrected, labels) < SURE:
        return "the newest decisions are surely judged no better with what was learnt from the older ones"
    return None


def share_better(known: Doubles, corrected: Doubles, labels: NDArray[np.bool_], *, seed: int = 1) -> float:
    """The share of bootstrap resamples of the comments in which ``corrected`` has the greater AUC."""
    random = np.random.default_rng(seed)
    draws = (random.integers(0, len(labels), len(labels)) for _ in range(RESAMPLES))
    usable = [rows for rows in draws if _fewer_side(labels[rows])]
    return float(np.mean([area(corrected[rows], labels[rows]) > area(known[rows], labels[rows]) for rows in usable]))


def area(logits: Doubles, labels: NDArray[np.bool_]) -> float:
    """AUC: the share of pairs of spam and another comment in the right order; ties count half."""
    spam, rest = np.sort(logits[labels]), logits[~labels]
    below, up_to = np.searchsorted(spam, rest, "left"), np.searchsorted(spam, rest, "right")
    return float((len(spam) - up_to + (up_to - below) / 2).sum()) / (len(spam) * len(rest))


def _fewer_side(labels: NDArray[np.bool_]) -> int:
    return int(min(labels.sum(), (~labels).sum()))


def fitted(
    vectors: Sequence[tuple[NDArray[np.int64], Floats]],
    known: Doubles,
    labels: NDArray[np.bool_],
    parts: Doubles | None = None,
) -> SiteNGrams:
    matrix = SpamMatrix.of(vectors)
    learnt, bias = corrections(matrix, known, labels, parts)
    return SiteNGrams("", matrix.columns.astype(np.int32), learnt.astype(np.float32), bias)


def judge(logits: Doubles, labels: NDArray[np.bool_], limit: float) -> JudgedSpamModel:
    """Both sides count alike in ``log_loss``."""
    values = sigmoid(logits.astype(np.float32)).astype(np.float64)
    clipped = np.clip(values, 1e-6, 1 - 1e-6)
    losses = -np.where(labels, np.log(clipped), np.log(1 - clipped))
    return JudgedSpamModel(
        auc=round(area(logits, labels), 4),
        log_loss=round(float((losses * balanced(labels)).mean()), 4),
        caught=round(float((values[labels] >= limit).mean()), 4),
        held=round(float((values[~labels] >= limit).mean()), 4),
    )
