"""A second output of the toxicity encoder: the vector of a text, so that relevance needs no run of its own.

The vector is learned from the relevance encoder, whose pupil this one is: the cosine of both grows on our headlines,
standfirsts and comments, on topic arguments, and on a share of the labelled rows.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from moderation.judging.text.letters.folding import fold
from training.loop.batches import as_scored, encode, packed, padded
from training.loop.checkpoint import base_folder
from training.rows.articles import read_articles
from training.rows.dataset import LABELS, Floats, Rows
from training.rows.pairs import read_arguments
from training.toxicity.sentence_vectors import SentenceEncoder
from workers.scoring.engines.weights import Weights
from workers.scoring.export.with_vector import DIMENSIONS, WithVector

LONGEST = 480
"""Characters. The teacher reads longer texts whole, the pupil in training only their beginning."""

ARGUMENTS = 8_000
LABELLED = 20_000
"""So many topic arguments and labelled rows are taught, at random."""

RIDGE = 1.0
FITTED = 3_000
"""Rows on which the projection is fitted before training moves it."""


def texts_to_compare(data: Path, seed: int = 11) -> tuple[str, ...]:
    """Headlines, standfirsts and comments of our articles that are not held out, and topic arguments."""
    articles = [article for article in read_articles() if not article.held_out]
    ours = [text for article in articles for text in (article.title, article.summary, *article.comments)]
    arguments = [argument for argument in read_arguments(data) if not argument.held_out]
    drawn = np.random.default_rng(seed).permutation(len(arguments))[:ARGUMENTS]
    topics = {arguments[i].topic for i in drawn}
    return tuple(dict.fromkeys([*ours, *topics, *(arguments[i].text for i in drawn)]))


def with_texts(rows: Rows, texts: Sequence[str], repeated: int) -> Rows:
    """The rows, and the texts several times as rows without labels."""
    more = tuple(texts) * repeated
    labels = np.full((len(more), len(LABELS)), np.nan, dtype=np.float32)
    return Rows(
        rows.texts + more,
        np.concatenate([rows.labels, labels]),
        np.concatenate([rows.weights, np.ones_like(labels)]),
        rows.sources + ("compared",) * len(more),
    )


def taught_vectors(rows: Rows, teacher: Path, cache: Path, seed: int = 12) -> Floats:
    """The teacher's unit vectors, shape (rows, dimensions): of all rows without labels and a draw of the others. NaN
    elsewhere. Kept in ``cache``, since the teacher needs some minutes.
    """
    if cache.exists():
        kept: Floats = np.load(cache)
        assert len(kept) == len(rows), f"{cache} belongs to other rows"
        return kept
    unlabelled: NDArray[np.bool_] = np.all(np.isnan(rows.labels), axis=1)
    share = LABELLED / max(1, int((~unlabelled).sum()))
    drawn = unlabelled | (np.random.default_rng(seed).random(len(rows)) < share)
    asked = [i for i in np.flatnonzero(drawn).tolist() if len(rows.texts[i]) <= LONGEST]
    encoder = SentenceEncoder(Weights.read("relevance", teacher))
    texts = list(dict.fromkeys(fold(rows.texts[i]).text for i in asked))
    places = {text: place for place, text in enumerate(texts)}
    rows_of = np.concatenate([encoder.vectors(texts[at : at + 1024]) for at in range(0, len(texts), 1024)])
    vectors = np.full((len(rows), DIMENSIONS), np.nan, dtype=np.float32)
    vectors[asked] = rows_of[[places[fold(rows.texts[i]).text] for i in asked]]
    np.save(cache, vectors)
    return vectors


def fit_on_some(model: WithVector, texts: Sequence[str], vectors: Floats, seed: int = 13) -> None:
    """Fits the projection on some of the texts that have a vector: training then starts near its aim."""
    given = np.flatnonzero(~np.isnan(vectors[:, 0]))
    some = np.random.default_rng(seed).permutation(given)[:FITTED]
    fit_projection(model.eval(), [texts[i] for i in some], vectors[some])


def fit_projection(model: WithVector, texts: Sequence[str], vectors: Floats) -> None:
    """Sets the projection by ridge regression of the vectors, shape (texts, dimensions), on the two means."""
    means = means_of(model, texts).astype(np.float64)
    gram = means.T @ means + RIDGE * np.eye(means.shape[1])
    solution = np.linalg.solve(gram, means.T @ vectors.astype(np.float64))
    with torch.no_grad():
        model.vector.weight.copy_(torch.from_numpy(solution.T).float())


def means_of(model: WithVector, texts: Sequence[str]) -> Floats:
    """The two means of each text, shape (texts, 2 x hidden)."""
    encoded = encode(as_scored(tuple(texts)), base_folder() / "tokenizer.json")
    lengths = np.asarray([len(ids) for ids in encoded], dtype=np.int64)
    means = np.zeros((len(texts), model.vector.in_features), dtype=np.float32)
    with torch.inference_mode():
        for batch in packed(np.argsort(lengths, kind="stable"), lengths, 2048):
            means[batch] = model.logits_and_means(*padded(encoded, batch))[1].numpy()
    return means
