"""``python -m training.toxicity.readings DATA FOLDER``: adds to finished weights n-grams that learn from readings.

The encoder stays as it is, and with it vectors, amounts and attributions. The new n-grams have the buckets of those
that are there, so both become one model, which costs no time when comments are scored.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]

from training.limits.policy_rows import mentions
from training.loop.batches import as_scored
from training.publishing.bundle import MANIFEST, sha256_of
from training.rows.assemble import TOXICITY
from training.rows.dataset import LABELS, Floats, Rows, join
from training.rows.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows
from training.rows.panel import PANEL, found_rows, panel_rows, perspective_rows
from training.rows.panel_mix import votes_as_read
from training.toxicity.ngrams import CIVIL_OF_GROUP, CIVIL_TO, EPOCHS, matrix_of
from workers.scoring.engines.weights import NGRAMS_FILE
from workers.scoring.export.exporting import write_json
from workers.scoring.ngrams.model import NGrams, features_of, read_ngrams, weighted, write_ngrams

SHARE = 0.6
"""Of the new logit for toxicity, beside the encoder's and the n-grams' whole ones."""

REGULARISATION = 0.5
COUNTS: Mapping[str, float] = {PANEL: 2.0, "_perspective": 0.5}
OTHERS_COUNT = 0.6
"""How much a row counts, by what its source's name has in it."""

SCORED: Mapping[str, int] = {
    "implicit_hate_perspective": 10_000,
    "gab_perspective": 8_000,
    "toxigen_perspective": 10_000,
    "wiki_context_toxicity": 6_000,
}
"""So many rows, at most, of each source that another model scored."""

LONGEST = 900
"""Characters of a comment that only the crowd judged."""

DONE = "learned_from_readings"
AT_ONCE = 4_000


def rows_read(data: Path) -> Rows:
    """The comments that were read, others on news with their votes, and texts with labels or scores of other kinds."""
    panel, scored = panel_rows(data), perspective_rows(data)
    read = frozenset(panel.texts)
    news = votes_as_read(news_rows(data / NEWS_TRAIN))
    voted = [
        place
        for place, (text, source) in enumerate(zip(news.texts, news.sources, strict=True))
        if source.startswith(CIVIL_COMMENTS) and len(text) <= LONGEST and text not in read
    ]
    sources = np.asarray(scored.sources)
    chosen = [np.flatnonzero(sources == name)[:most] for name, most in SCORED.items()]
    return join(panel, news.pick(np.asarray(voted)), found_rows(data), scored.pick(np.concatenate(chosen)))


def counts_of(rows: Rows, values: Floats) -> Floats:
    """How much each row counts, shape (rows,). Civil rows that name a group count as often as for the other n-grams."""
    counts = np.asarray([_count(source) for source in rows.sources], dtype=np.float32)
    names_group = np.any(list(mentions(rows.texts).values()), axis=0)
    return np.where(names_group & (values <= CIVIL_TO), CIVIL_OF_GROUP, 1) * counts


def _count(source: str) -> float:
    return next((count for part, count in COUNTS.items() if part in source), OTHERS_COUNT)


def fit(matrix: csr_matrix, values: Floats, counts: Floats) -> tuple[Floats, float]:
    """Weights (buckets,) and bias of a logistic regression on soft labels ``values`` (rows,): each row is read as toxic
    and as civil, and counts as much for either as its label says."""
    both = vstack([matrix, matrix]).tocsr()
    toxic = np.repeat([True, False], len(values))
    shares = np.concatenate([values, 1 - values]) * np.tile(counts / counts.mean(), 2)
    model = SGDClassifier(
        loss="log_loss", alpha=REGULARISATION / len(values), max_iter=EPOCHS, tol=None, random_state=0
    )
    model.fit(both, toxic, sample_weight=shares)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def with_readings(ngrams: NGrams, rows: Rows, share: float = SHARE) -> NGrams:
    """The n-grams, with those for toxicity that the rows teach added to theirs."""
    values = rows.labels[:, TOXICITY]
    given = np.flatnonzero(~np.isnan(values))
    rows, values = rows.pick(given), values[given]
    weights, bias = fit(_matrix(ngrams, rows.texts), values, counts_of(rows, values))
    place = ngrams.labels.index(LABELS[TOXICITY])
    summed, biases = ngrams.weights.copy(), ngrams.bias.copy()
    summed[:, place] += share * weights
    biases[place] += share * bias
    return replace(ngrams, weights=summed, bias=biases)


def _matrix(ngrams: NGrams, texts: tuple[str, ...]) -> csr_matrix:
    """One row a text, in the buckets of these n-grams and by their rarity."""
    read = as_scored(texts)
    parts = [
        [(buckets, weighted(buckets, counts, ngrams.rarity)) for buckets, counts in features_of(some, ngrams.size)]
        for some in (read[at : at + AT_ONCE] for at in range(0, len(read), AT_ONCE))
    ]
    return vstack([matrix_of(part, ngrams.size) for part in parts]).tocsr()


def add(data: Path, folder: Path) -> None:
    """Rewrites the n-grams of a folder, and its manifest.

    Raises ValueError if they have learned from readings before.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get(DONE):
        raise ValueError(f"the n-grams in {folder} have learned from readings before")
    path = folder / NGRAMS_FILE
    write_ngrams(path, with_readings(read_ngrams(path), rows_read(data)))
    files = {**manifest["files"], NGRAMS_FILE: sha256_of(path)}
    write_json(folder / MANIFEST, {**manifest, "files": files, DONE: True})


def main(arguments: list[str] | None = None) -> None:
    """Command line: learn, and rewrite the folder."""
    parser = argparse.ArgumentParser(prog="python -m training.toxicity.readings", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    add(given.data, given.folder)


if __name__ == "__main__":
    main()
