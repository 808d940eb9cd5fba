"""``python -m training.spam.train DATA OUT``: fits the model, measures it, and writes weights with their manifest."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from training.metrics import auc
from training.spam.rows import (
    Text,
    is_held_out,
    is_under_news,
    labelled_spam,
    newspaper_comments,
    ordinary_comments,
    own_texts,
)
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, sha256_of
from workers.scoring.masked_grams import masked_text
from workers.scoring.ngrams.model import NGrams, features, weighted, write_ngrams
from workers.scoring.scorable import Scorable

BUCKETS = 1 << 18
STRENGTH = 8.0  # inverse of the regularisation
OWN_WEIGHT = 8.0  # own texts are few beside the sources, and cover what those lack
HELD = 0.004  # share of comments under news that the limit may hold: less than the wish of 1 %, since papers differ
WISH = 0.01  # the share of each paper's comments that the limit of a new site may hold
FEWEST = 200  # comments of a source from which its share says something

Floats = NDArray[np.float32]


def fit(texts: Sequence[Text]) -> NGrams:
    """A logistic regression on hashed words and characters. Each side weighs as much as the other."""
    counted = [features(masked_text(Scorable(text.text)), BUCKETS) for text in texts]
    rows = np.bincount(np.concatenate([buckets for buckets, _ in counted]), minlength=BUCKETS)
    rarity = (np.log((1 + len(texts)) / (1 + rows)) + 1).astype(np.float32)
    matrix = matrix_of(counted, rarity)
    spam = np.asarray([text.is_spam for text in texts])
    weights = np.asarray([text.weight * (OWN_WEIGHT if text.source == "own" else 1.0) for text in texts])
    for side in (True, False):
        weights[spam == side] /= weights[spam == side].sum() / (len(texts) / 2)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(matrix, spam, sample_weight=weights)
    return NGrams(("spam",), rarity, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))


def matrix_of(counted: Sequence[tuple[NDArray[np.int64], Floats]], rarity: Floats) -> csr_matrix:
    values = [weighted(buckets, counts, rarity) for buckets, counts in counted]
    ends = np.cumsum([0, *map(len, values)])
    places = np.concatenate([buckets for buckets, _ in counted])
    return csr_matrix((np.concatenate(values), places, ends), shape=(len(counted), BUCKETS))


def scores(model: NGrams, texts: Sequence[Text]) -> Floats:
    """Probabilities, shape (texts,)."""
    found: Floats = sigmoid(model.logits([masked_text(Scorable(text.text)) for text in texts])[:, 0])
    return found


def limit_for(model: NGrams, ordinary: Sequence[Text], share: float = HELD) -> float:
    """The lowest limit, in hundredths, that holds at most ``share`` of ordinary comments under news."""
    under_news = [text for text in ordinary if is_under_news(text)]
    exact = float(np.quantile(scores(model, under_news), 1 - share))
    return min(float(np.ceil(exact * 100) / 100), 0.99)


def limit_for_each(model: NGrams, ordinary: Sequence[Text], share: float = WISH) -> float:
    """The lowest limit, in hundredths, that holds at most ``share`` of the comments of each source."""
    sources = {text.source for text in ordinary}
    of_source = [[text for text in ordinary if text.source == name] for name in sorted(sources)]
    exact = max(float(np.quantile(scores(model, texts), 1 - share)) for texts in of_source if len(texts) >= FEWEST)
    return min(float(np.ceil(exact * 100) / 100), 0.99)


def by_group(model: NGrams, texts: Sequence[Text], limit: float, key: str) -> dict[str, dict[str, float | int | None]]:
    """For each source, language or kind: how many, the AUC, and the share of spam and of other texts at the limit."""
    found: dict[str, dict[str, float | int | None]] = {}
    values, spam = scores(model, texts), np.asarray([text.is_spam for text in texts])
    groups = np.asarray([getattr(text, key) for text in texts])
    for group in sorted(set(groups)):
        own = groups == group
        held = values[own] >= limit
        found[str(group)] = {
            "spam": int(spam[own].sum()),
            "other": int((~spam[own]).sum()),
            "auc": _rounded(auc(values[own], spam[own])),
            "caught": _rounded(held[spam[own]].mean() if spam[own].any() else None),
            "held": _rounded(held[~spam[own]].mean() if (~spam[own]).any() else None),
        }
    return found


def leave_one_source_out(sources: Sequence[Text], ordinary: Sequence[Text], own: Sequence[Text]) -> dict[str, Any]:
    """Each source measured by a model that saw none of it, at the limit that holds ``HELD`` of unseen comments."""
    train_comments, kept_comments = ordinary[::2], ordinary[1::2]
    found: dict[str, Any] = {}
    for name in sorted({text.source for text in sources if text.is_spam}):
        rest = [text for text in sources if text.source != name]
        model = fit([*rest, *train_comments, *own])
        measured = [text for text in sources if text.source == name]
        found |= by_group(model, measured, limit_for(model, kept_comments), "source")
    without_own = fit([*sources, *train_comments])
    held_out = [text for text in own if is_held_out(text)]
    found |= by_group(without_own, held_out, limit_for(without_own, kept_comments), "source")
    return found


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", action="store_true", help="also leave each source out once (slow)")
    given = parser.parse_args()
    own, sources, ordinary = own_texts(), labelled_spam(given.data), ordinary_comments(given.data)
    learnt = [text for text in own if not is_held_out(text)]
    # Ordinary comments are split: half to learn from, half to choose the limit by
    model = fit([*sources, *ordinary[::2], *learnt])
    under_news = [text for text in ordinary[1::2] if is_under_news(text)]
    limit = limit_for_each(model, [*under_news, *newspaper_comments(given.data)])
    held_out = [text for text in own if is_held_out(text)]
    report: dict[str, Any] = {
        "limit": limit,
        "own texts held out, by language": by_group(model, held_out, limit, "language"),
        "own texts held out, by kind": by_group(model, held_out, limit, "kind"),
        "newspapers": by_group(model, newspaper_comments(given.data), limit, "source"),
    }
    given.out.mkdir(parents=True, exist_ok=True)
    write_ngrams(given.out / NGRAMS_FILE, model)
    manifest = {
        "name": "gavel-spam",
        "version": "1.2",
        "licence": "Apache-2.0",
        "labels": ["spam"],
        "suggested_limits": {"spam": limit},
        "files": {NGRAMS_FILE: sha256_of(given.out / NGRAMS_FILE)},
    }
    manifest["weights_sha256"] = hashlib.sha256((given.out / NGRAMS_FILE).read_bytes()).hexdigest()
    (given.out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    if given.sources:
        report["sources left out"] = leave_one_source_out(sources, ordinary, learnt)
    (given.out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
