"""A linear model on n-grams beside the multilingual encoder.

One model for all languages but English: scripts and words keep them apart. It knows the words of the languages that
have rows, and adds nothing where it knows no word. Its logit is added to the encoder's as it is: on held-out
training rows, one and a half times as much caught less in most languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from moderation.judging.text.letters.folding import fold
from training.multilingual.measuring.scored import Mask
from training.multilingual.rows import FOLDER, read_learnt
from training.multilingual.second import own_texts
from training.rows.dataset import TRAIN_FILE, Floats, Rows, join
from training.toxicity.ngrams import LEAST_WEIGHT, matrix_of, rarity_of
from workers.scoring.ngrams.model import Buckets, NGrams, features_of, spelled_out, weighted

BUCKETS = 1 << 19
STRENGTH = 5.0
"""Inverse of the regularisation, as in English."""

FEWEST_ROWS = 5_000
"""Labelled by people. In a language with fewer the n-grams do not count: in Russian, Croatian and French they made the
scores of rows that nothing was fitted on worse."""

TELLING, LEAST_TELLING = 1.0, 0.1
"""The power of that ratio's log, and what is added to it, so that no bucket is lost."""


def fit_to_all(data: Path) -> NGrams:
    """From all training rows of other languages than English, and our own texts."""
    return fit(join(read_learnt(data / FOLDER / TRAIN_FILE), own_texts(held_out=False)))


def fit(rows: Rows) -> NGrams:
    """``sources`` begin with the language or with ``own/``. Only toxicity has labels."""
    counted = features_of([spelled_out(fold(text).text) for text in rows.texts], BUCKETS)
    toxicity = rows.labels[:, 0]
    is_toxic, counts_for = toxicity >= 0.5, balanced(toxicity, languages_of(rows))
    found_in = [buckets for buckets, _ in counted]
    rarity = rarity_of(found_in, BUCKETS) * telling(found_in, is_toxic, counts_for)
    matrix = matrix_of([(buckets, weighted(buckets, counts, rarity)) for buckets, counts in counted], BUCKETS)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(matrix, is_toxic, sample_weight=counts_for)
    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    return NGrams(("toxicity",), rarity, weights, bias, spelled_out=True)


def telling(found_in: Sequence[Buckets], is_toxic: Mask, counts_for: Floats) -> Floats:
    """How much more or less often each bucket occurs in toxic rows than in others, shape (buckets,).

    Features that are scaled by the log of this ratio beforehand are learned from fewer rows (Wang and Manning 2012,
    "Baselines and bigrams"). Workers see no difference: it is part of the rarity.
    """
    seen = np.ones((2, BUCKETS))
    for buckets, toxic, count in zip(found_in, is_toxic, counts_for, strict=True):
        seen[int(toxic), buckets] += count
    others, toxic_rows = np.log(seen / seen.sum(axis=1, keepdims=True))
    return np.asarray((np.abs(toxic_rows - others) + LEAST_TELLING) ** TELLING, dtype=np.float32)


def languages_with_enough(rows: Rows) -> list[str]:
    """Those in which the n-grams count."""
    by_people = Counter(source.split("/")[0] for source in rows.sources)
    return sorted(code for code, count in by_people.items() if code != "own" and count >= FEWEST_ROWS)


def languages_of(rows: Rows) -> list[str]:
    """``ko/beep`` and ``own/ko`` are both Korean."""
    parts = [source.split("/") for source in rows.sources]
    return [second if first == "own" else first for first, second in parts]


def balanced(toxicity: Floats, languages: list[str]) -> Floats:
    """The surer a row's label, the more it counts; toxic and other rows of a language count the same in all, so that
    a language is no reason to call a comment toxic."""
    sure = LEAST_WEIGHT + 2 * (1 - LEAST_WEIGHT) * np.abs(toxicity - 0.5)
    counts, codes = sure.copy(), np.asarray(languages)
    for code in sorted(set(languages)):
        for is_toxic in (True, False):
            own = (codes == code) & ((toxicity >= 0.5) == is_toxic)
            counts[own] *= 0.5 * (codes == code).sum() / max(own.sum(), 1)
    return np.asarray(counts, dtype=np.float32)
