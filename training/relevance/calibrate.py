"""Fit the logistic calibration of relevance, with the workers' own features, and measure it on newspaper comments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.loop.logistic import fit_logistic
from training.measuring.metrics import auc_with_interval, calibration_error, reliability
from training.rows.articles import Article
from training.rows.dataset import Floats
from training.rows.pairs import Argument, Pair, PairMaker, pairs_of_articles
from workers.scoring.relevance.calibration import KINDS, Coefficients
from workers.scoring.relevance.comparing import Relevance

USED: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "names"),
    "text": ("title", "passage", "passages", "names"),
    "parent": ("parent",),
}
FITTED_COMMENTS = 900
RIDGE = 1e-4
"""Keeps the weights finite. None may be negative: being more alike is never evidence against."""

MEASURED_COMMENTS = 400

Calibration = dict[str, dict[str, Any]]


def uncalibrated() -> Calibration:
    """Coefficients that say 0.5 to everything, so that features can be read before anything is fitted."""
    return {kind: {"intercept": 0.0, "weights": dict.fromkeys(USED[kind], 0.0)} for kind in KINDS}


def fit(
    relevance: Relevance, arguments: tuple[Argument, ...], papers: Mapping[str, Sequence[Article]]
) -> tuple[Calibration, dict[str, Any]]:
    """Coefficients per kind, and their results on the held-out topics.

    Coefficients against articles are fitted on articles that the encoder was not trained on, which ``papers`` has by
    language; coefficients against a parent on arguments of the other topics, because our comments hardly answer one
    another.
    """
    neighbours = neighbouring_topics(relevance, tuple(dict.fromkeys(argument.topic for argument in arguments)))
    known = PairMaker(tuple(a for a in arguments if not a.held_out), neighbours, seed=3)
    unseen = PairMaker(tuple(a for a in arguments if a.held_out), neighbours, seed=4)
    calibration, measured = uncalibrated(), {}
    for kind in KINDS:
        if kind == "parent":
            pairs = tuple(known.draw(FITTED_COMMENTS, kind=kind))
            calibration[kind] = _fit_one(_matrix(relevance, pairs, kind), _labels(pairs), kind)
        else:
            calibration[kind] = fit_to_articles(relevance, papers, kind)
        held = tuple(unseen.draw(MEASURED_COMMENTS, kind=kind))
        scores = _scores(_matrix(relevance, held, kind), calibration[kind], kind)
        measured[kind] = _measure(scores, _labels(held))
    return calibration, measured


def fit_to_articles(relevance: Relevance, papers: Mapping[str, Sequence[Article]], kind: str) -> dict[str, Any]:
    """Coefficients of the kind ``text`` or ``title``, from comments beside their own article and beside another."""
    pairs = tuple(
        pair
        for language, own in papers.items()
        for pair in pairs_of_articles(own, summaries=kind == "text", seed=5, language=language)
    )
    return _fit_one(_matrix(relevance, pairs, kind), _labels(pairs), kind)


def measure_news(relevance: Relevance, pairs: Sequence[Pair]) -> dict[str, Any]:
    """AUC per site and kind of other article, with intervals, and the reliability of the scores over all pairs."""
    features = _features(relevance, pairs)
    kinds = ["text" if pair.article_text else "title" for pair in pairs]
    ready = relevance.source.calibration_for(("en",))
    scores = np.asarray([ready[k].probability(f) for k, f in zip(kinds, features, strict=True)], dtype=np.float32)
    alone = np.asarray([f["title"] for f in features], dtype=np.float32)
    labels = _labels(pairs)
    measures: dict[str, Any] = {}
    for site in sorted({pair.group.split()[0] for pair in pairs}):
        for other in ("other_article_same_site", "other_site"):
            here = np.asarray([p.group.startswith(site) and (p.on_topic or p.group.endswith(other)) for p in pairs])
            measures[f"{site} {other}"] = {
                "calibrated": _measure(scores[here], labels[here]),
                "title_cosine": _measure(alone[here], labels[here])["auc"],
            }
    return measures


def neighbouring_topics(relevance: Relevance, topics: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each topic the others, nearest first."""
    vectors = relevance.source.vectors(topics)
    order = np.argsort(-(vectors @ vectors.T), axis=1)
    return {topic: tuple(topics[j] for j in order[i] if j != i) for i, topic in enumerate(topics)}


def _fit_one(matrix: Floats, labels: Floats, kind: str) -> dict[str, Any]:
    x, y = matrix.astype(np.float64), labels.astype(np.float64)
    slopes, intercept = fit_logistic(x, y, np.ones(len(y)), shrinkage=RIDGE, least=0.0)
    weights = {name: round(float(slope), 4) for name, slope in zip(USED[kind], slopes, strict=True)}
    return {"intercept": round(intercept, 4), "weights": weights}


def _matrix(relevance: Relevance, pairs: Iterable[Pair], kind: str) -> Floats:
    if kind == "parent":
        chosen = tuple(pairs)
        own = relevance.source.vectors([pair.text for pair in chosen])
        parents = relevance.source.vectors([pair.parent_text or "" for pair in chosen])
        return np.asarray((own * parents).sum(axis=1, keepdims=True), dtype=np.float32)
    rows = _features(relevance, tuple(pairs))
    return np.asarray([[row[name] for name in USED[kind]] for row in rows], dtype=np.float32)


def _features(relevance: Relevance, pairs: Sequence[Pair]) -> list[Mapping[str, float]]:
    """Features of every pair; a comment that is in several pairs is read once."""
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    vectors = dict(zip(texts, relevance.source.vectors(texts), strict=True))
    return [relevance.features(pair, vectors[pair.text]) for pair in pairs]


def _scores(matrix: Floats, given: Mapping[str, Any], kind: str) -> Floats:
    coefficients = Coefficients.of(given)
    rows = (dict(zip(USED[kind], map(float, row), strict=True)) for row in matrix)
    return np.asarray([coefficients.probability(row) for row in rows], dtype=np.float32)


def _labels(pairs: Iterable[Pair]) -> Floats:
    return np.asarray([pair.on_topic for pair in pairs], dtype=np.float32)


def _measure(scores: Floats, labels: Floats) -> dict[str, Any]:
    area = auc_with_interval(scores, labels)
    right: NDArray[np.bool_] = (scores >= 0.5) == (labels >= 0.5)
    return {
        "auc": area.value,
        "low": area.low,
        "high": area.high,
        "pairs": area.rows,
        "right_at_half": float(right.mean()),
        "on_topic_below_0.2": float((scores[labels >= 0.5] < 0.2).mean()),
        "off_topic_below_0.2": float((scores[labels < 0.5] < 0.2).mean()),
        "calibration_error": calibration_error(reliability(scores, labels)),
    }
