"""``python -m training.news_ngrams DATA FOLDER``: teaches the n-grams of finished weights what comments on news show.

A second regression for each label, on the same buckets, is added to the one that is there: so the file and its cost
stay as they are.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]

from training.assemble import OWN
from training.batches import as_scored
from training.bundle import sha256_of
from training.dataset import LABELS, Floats, Rows, join
from training.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows
from training.news_mix import news_mix
from training.train_ngrams import LEAST_WEIGHT, OWN_WEIGHT, matrix_of
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, Weights
from workers.scoring.export.exporting import write_json
from workers.scoring.ngrams.model import NGrams, features_of, read_ngrams, write_ngrams

SHARES = {"toxicity": 0.8, "insult": 0.5, "identity_attack": 0.5, "threat": 0.5}
"""Of the second regressions' logits. On the natural mix of comments 0.3 to 1 differ by 0.002 in the AUC of toxicity.
Without those of the other labels the limits catch 22 instead of 27 % of its toxic comments."""

NEWS_WEIGHT = 2.0
"""Comments on news count twice: alone, the regression then has an AUC of 0.852 instead of 0.847 on the natural mix."""

EPOCHS, REGULARISATION = 5, 4.0


def rows_for_ngrams(data: Path) -> Rows:
    """The mix for the encoder, and all other rows of the same files, long ones too."""
    mixed, news = news_mix(data), news_rows(data / NEWS_TRAIN)
    known = frozenset(mixed.texts)
    others = np.asarray([i for i, text in enumerate(news.texts) if text not in known], dtype=np.int64)
    return join(mixed, news.pick(others))


def regression(rows: Rows, label: str, rarity: Floats, seed: int = 0) -> tuple[Floats, float]:
    """Weights of the buckets, shape (buckets,), and the bias, by the rows whose label is known."""
    place = LABELS.index(label)
    values = rows.labels[:, place]
    given = np.flatnonzero(~np.isnan(values))
    rows, values = rows.pick(given), values[given]
    size = len(rarity)
    counted = features_of(as_scored(rows.texts), size)
    ngrams = NGrams((label,), rarity, np.zeros((size, 1), np.float32), np.zeros(1, np.float32))
    matrix = matrix_of([ngrams.weighted(*grams) for grams in counted], size)
    model = SGDClassifier(
        loss="log_loss", alpha=REGULARISATION / len(given), max_iter=EPOCHS, tol=None, random_state=seed
    )
    model.fit(matrix, values >= 0.5, sample_weight=_weights(rows, place))
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _weights(rows: Rows, place: int) -> Floats:
    """Sure labels count more, comments on news and our own texts twice. Shape (rows,), 1 on average."""
    is_own = np.asarray([source.startswith(OWN) for source in rows.sources])
    on_news = np.asarray([source.startswith(CIVIL_COMMENTS) for source in rows.sources])
    sure = LEAST_WEIGHT + 2 * (1 - LEAST_WEIGHT) * np.abs(rows.labels[:, place] - 0.5)
    counts = rows.weights[:, place] * sure * np.where(is_own, OWN_WEIGHT, 1) * np.where(on_news, NEWS_WEIGHT, 1)
    return np.asarray(counts / counts.mean(), dtype=np.float32)


def with_news(ngrams: NGrams, label: str, found: tuple[Floats, float], share: float) -> NGrams:
    """The n-grams with so much of a label's second regression in its column."""
    weights, bias = found
    column = ngrams.labels.index(label)
    both, biases = ngrams.weights.copy(), ngrams.bias.copy()
    both[:, column] += share * weights
    biases[column] += share * bias
    return replace(ngrams, weights=both, bias=biases)


def main(arguments: list[str] | None = None) -> None:
    """Command line: write the n-grams of a folder anew, and their sha256 into the manifest."""
    parser = argparse.ArgumentParser(prog="python -m training.news_ngrams", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    weights = Weights.read(given.folder.name, given.folder)
    ngrams = read_ngrams(weights.verified(NGRAMS_FILE))
    rows = rows_for_ngrams(given.data)
    for label, share in SHARES.items():
        ngrams = with_news(ngrams, label, regression(rows, label, ngrams.rarity), share)
    write_ngrams(given.folder / NGRAMS_FILE, ngrams)
    files = {**weights.manifest["files"], NGRAMS_FILE: sha256_of(given.folder / NGRAMS_FILE)}
    write_json(given.folder / MANIFEST, {**weights.manifest, "files": files})


if __name__ == "__main__":
    main()
