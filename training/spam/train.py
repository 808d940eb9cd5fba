"""``python -m training.spam.train DATA OUT``: fits the model, measures it, and writes weights with their manifest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.measuring.metrics import auc
from training.spam.rows import (
    Text,
    is_held_out,
    is_of_the_fifth,
    kept_civil_comments,
    labelled_spam,
    measured_civil_comments,
    newspaper_comments,
    ordinary_comments,
    own_texts,
)
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, sha256_of
from workers.scoring.masked_grams import masked_text
from workers.scoring.ngrams.model import Grams, NGrams, features, weighted, write_ngrams
from workers.scoring.scorable import Scorable

VERSION = "1.3"
BUCKETS = 1 << 18
STRENGTH = 20.0  # inverse of the regularisation
BLOGS = "blog_comment_spambot_dump"
WEIGHTS = {"own": 4.0, BLOGS: 4.0, "uci_youtube_spam_collection": 3.0, "judol_youtube_comments_id": 0.5}
"""Of a text by its source, else 1. Our own are few and cover what the sources lack, two are most like comments under
articles, and one has 2,500 advertisements of a few casinos."""
CIVIL_WEIGHTS = {"pt": 4.0, "da": 3.0, "ru": 3.0, "it": 2.0}
"""Of other texts by their language: of these more than of others were held, since few are learnt or many have links."""
WISH = 0.007  # the share of a language's civil comments that the limit may hold: less than 1 %, since papers differ
FEWEST = 300  # comments of a language from which its share says something
LIMIT = DEFAULT_LIMITS["spam"]
AT = 0.01  # the share of a source's ordinary texts at which catching is compared

Floats = NDArray[np.float32]


def fit(texts: Sequence[Text]) -> NGrams:
    """A logistic regression on hashed words and characters. Each side weighs as much as the other."""
    counted = [_counted(text.text) for text in texts]
    rows = np.bincount(np.concatenate([buckets for buckets, _ in counted]), minlength=BUCKETS)
    rarity = (np.log((1 + len(texts)) / (1 + rows)) + 1).astype(np.float32)
    matrix = matrix_of(counted, rarity)
    spam = np.asarray([text.is_spam for text in texts])
    weights = np.asarray([weight_of(text) for text in texts])
    for side in (True, False):
        weights[spam == side] /= weights[spam == side].sum() / (len(texts) / 2)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(matrix, spam, sample_weight=weights)
    return NGrams(("spam",), rarity, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))


def weight_of(text: Text) -> float:
    by_language = 1.0 if text.is_spam else CIVIL_WEIGHTS.get(text.language, 1.0)
    return WEIGHTS.get(text.source, by_language)


def matrix_of(counted: Sequence[tuple[NDArray[np.int64], Floats]], rarity: Floats) -> csr_matrix:
    values = [weighted(buckets, counts, rarity) for buckets, counts in counted]
    ends = np.cumsum([0, *map(len, values)])
    places = np.concatenate([buckets for buckets, _ in counted])
    return csr_matrix((np.concatenate(values), places, ends), shape=(len(counted), BUCKETS))


def scores(model: NGrams, texts: Sequence[Text]) -> Floats:
    """Probabilities, shape (texts,)."""
    probabilities: Floats = sigmoid(model.logits_of([model.weighted(*_counted(text.text)) for text in texts])[:, 0])
    return probabilities


@cache  # with --sources three models read the same texts
def _counted(text: str) -> Grams:
    return features(masked_text(Scorable(text)), BUCKETS)


def limit_for(model: NGrams, civil: Sequence[Text], share: float = WISH) -> float:
    """The lowest limit that holds at most ``share`` of the civil comments of each language."""
    of_each = [[text for text in civil if text.language == name] for name in sorted({text.language for text in civil})]
    return max(float(np.quantile(scores(model, texts), 1 - share)) for texts in of_each if len(texts) >= FEWEST)


def shifted(model: NGrams, limit: float, to: float = LIMIT) -> NGrams:
    """The same model with a bias by which ``limit`` becomes ``to``: a site's limit keeps its meaning."""
    moved = np.log(to / (1 - to)) - np.log(limit / (1 - limit))
    return replace(model, bias=(model.bias + moved).astype(np.float32))


def caught_at(model: NGrams, texts: Sequence[Text], share: float = AT) -> dict[str, dict[str, float | int]]:
    """For each source with both, the share of spam above all but ``share`` of its ordinary texts."""
    by_source: dict[str, dict[str, float | int]] = {}
    values, spam = scores(model, texts), np.asarray([text.is_spam for text in texts])
    sources = np.asarray([text.source for text in texts])
    for source in sorted(set(sources)):
        own = sources == source
        if (spam & own).any() and (~spam & own).sum() >= 1 / (2 * share):
            limit = np.quantile(values[own & ~spam], 1 - share)
            by_source[str(source)] = {
                "spam": int((own & spam).sum()),
                "caught": round(float((values[own & spam] > limit).mean()), 4),
            }
    return by_source


def by_group(model: NGrams, texts: Sequence[Text], limit: float, key: str) -> dict[str, dict[str, float | int | None]]:
    """For each source, language or kind: how many, the AUC, and the share of spam and of other texts at the limit."""
    figures: dict[str, dict[str, float | int | None]] = {}
    values, spam = scores(model, texts), np.asarray([text.is_spam for text in texts])
    groups = np.asarray([getattr(text, key) for text in texts])
    for group in sorted(set(groups)):
        own = groups == group
        held = values[own] >= limit
        figures[str(group)] = {
            "spam": int(spam[own].sum()),
            "other": int((~spam[own]).sum()),
            "auc": _rounded(auc(values[own], spam[own])),
            "caught": _rounded(held[spam[own]].mean() if spam[own].any() else None),
            "held": _rounded(held[~spam[own]].mean() if (~spam[own]).any() else None),
        }
    return figures


def a_fifth_kept(data: Path, learnt: Sequence[Text]) -> dict[str, Any]:
    """Each source measured on a fifth of it by a model that saw the rest: see ``is_of_the_fifth``."""
    sources = labelled_spam(data)
    model = fitted(data, [text for text in sources if not is_of_the_fifth(text)], learnt)
    fifth = [text for text in sources if is_of_the_fifth(text)]
    return {
        "at 1 % of its ordinary texts": caught_at(model, fifth),
        "at the limit": by_group(model, fifth, LIMIT, "source"),
    }


def blogs_left_out(data: Path, learnt: Sequence[Text]) -> dict[str, Any]:
    """Spam under articles by a model that saw none of it, beside comments on news."""
    sources = labelled_spam(data)
    model = fitted(data, [text for text in sources if text.source != BLOGS], learnt)
    news = [replace(text, source=BLOGS) for text in kept_civil_comments(data)[1] if text.language == "en"]
    measured = [*(text for text in sources if text.source == BLOGS), *news]
    return {
        "at 1 % of civil comments on news": caught_at(model, measured),
        "at the limit": by_group(model, measured, LIMIT, "source"),
    }


def fitted(data: Path, sources: Sequence[Text], learnt: Sequence[Text]) -> NGrams:
    """A model on the sources, ordinary comments and our own texts, with its scores shifted to the default limit."""
    model = fit([*sources, *ordinary_comments(data), *learnt])
    return shifted(model, limit_for(model, kept_civil_comments(data)[0]))


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", action="store_true", help="also fit without a part of the sources (slow)")
    given = parser.parse_args()
    own = own_texts()
    learnt, held_out = ([text for text in own if is_held_out(text) is kept] for kept in (False, True))
    model = fitted(given.data, labelled_spam(given.data), learnt)
    _write(given.out, model)
    report: dict[str, Any] = {
        "own texts held out": by_group(model, held_out, LIMIT, "source"),
        "own texts held out, by language": by_group(model, held_out, LIMIT, "language"),
        "own texts held out, by kind": by_group(model, held_out, LIMIT, "kind"),
        "civil, the other half": by_group(model, kept_civil_comments(given.data)[1], LIMIT, "language"),
        "civil, other sources": by_group(model, measured_civil_comments(given.data), LIMIT, "language"),
        "newspapers": by_group(model, newspaper_comments(given.data), LIMIT, "source"),
    }
    if given.sources:
        report["a fifth kept"] = a_fifth_kept(given.data, learnt)
        report["spam under articles left out"] = blogs_left_out(given.data, learnt)
    (given.out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


def _write(folder: Path, model: NGrams) -> None:
    """The weights and their manifest, without the sources, which the bundled one lists."""
    folder.mkdir(parents=True, exist_ok=True)
    write_ngrams(folder / NGRAMS_FILE, model)
    sha256 = sha256_of(folder / NGRAMS_FILE)
    manifest = {
        "name": "gavel-spam",
        "version": VERSION,
        "licence": "Apache-2.0",
        "labels": ["spam"],
        "suggested_limits": {"spam": LIMIT},
        "files": {NGRAMS_FILE: sha256},
        "weights_sha256": sha256,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
