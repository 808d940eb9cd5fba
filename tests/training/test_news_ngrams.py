"""The n-grams of finished weights learn from comments on news, and keep what they knew."""

from __future__ import annotations

import numpy as np

from training.assemble import TOXICITY
from training.dataset import LABELS, Rows
from training.news_ngrams import regression, with_news
from workers.scoring.ngrams.model import NGrams

SIZE = 1 << 12


def nothing_known() -> NGrams:
    none = np.zeros((SIZE, 2), dtype=np.float32)
    return NGrams(("toxicity", "insult"), np.ones(SIZE, np.float32), none, np.asarray([0.5, -1.0], np.float32))


def rows() -> Rows:
    """Comments of which the crooked ones are toxic, and one that nobody labelled."""
    texts = [f"the {kind} mayor of town {n}" for n in range(40) for kind in ("crooked", "new")] + ["unlabelled words"]
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:-1, TOXICITY] = [0.9, 0.01] * 40
    return Rows(tuple(texts), labels, np.ones_like(labels), ("civil_comments:some",) * len(texts))


def test_words_of_toxic_comments_speak_for_toxicity_and_for_no_other_label() -> None:
    ngrams = nothing_known()

    taught = with_news(ngrams, "toxicity", regression(rows(), "toxicity", ngrams.rarity), 0.8)

    crooked, new = taught.logits(["a crooked plan", "a new plan"])
    assert crooked[0] > new[0] + 0.2
    assert crooked[1] == new[1] == -1.0
    assert ngrams.logits(["a crooked plan"])[0, 0] == 0.5  # the old ones are as they were


def test_the_share_says_how_much_of_it_counts() -> None:
    ngrams = nothing_known()
    weights, bias = np.ones(SIZE, np.float32), 2.0

    whole, half = (with_news(ngrams, "toxicity", (weights, bias), share) for share in (1.0, 0.5))

    assert half.bias.tolist() == [1.5, -1.0]
    np.testing.assert_allclose(whole.weights[:, 0], 2 * half.weights[:, 0])
