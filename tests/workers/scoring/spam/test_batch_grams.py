"""Spam reads the n-grams that toxicity hashed, where it would hash the same words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from workers.scoring.ngrams import batch_grams as module
from workers.scoring.ngrams.batch_grams import BatchGrams
from workers.scoring.ngrams.model import Grams, features
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

SIZE = 1 << 18
PLAIN, SPACED, OTHER = "The ferry is late again.", " the FERRY is\tlate again.", "The ferry is on time."


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were hashed."""
    found = list[str]()

    def features_of(texts: Sequence[str], size: int) -> list[Grams]:
        found.extend(texts)
        return [features(text, size) for text in texts]

    monkeypatch.setattr(module, "features_of", features_of)
    return found


def assert_are_those_of(found: Sequence[Grams], texts: Sequence[str], size: int) -> None:
    for (buckets, counts), text in zip(found, texts, strict=True):
        expected = features(text, size)
        np.testing.assert_array_equal(buckets, expected[0])
        np.testing.assert_array_equal(counts, expected[1])


def test_texts_with_the_same_words_are_hashed_once(hashed: list[str]) -> None:
    grams = BatchGrams()
    grams.keep([PLAIN, ""], SIZE)
    hashed.clear()

    found = grams.of([OTHER, SPACED, "", OTHER], SIZE)

    assert hashed == [OTHER, OTHER]
    assert_are_those_of(found, [OTHER, SPACED, "", OTHER], SIZE)


def test_another_number_of_buckets_and_another_batch_are_hashed_again(hashed: list[str]) -> None:
    grams = BatchGrams()
    grams.keep([PLAIN], SIZE)

    assert_are_those_of(grams.of([PLAIN], SIZE * 2), [PLAIN], SIZE * 2)
    grams.begin()
    assert_are_those_of(grams.of([PLAIN], SIZE), [PLAIN], SIZE)

    assert hashed == [PLAIN] * 3


def test_no_more_is_kept_of_a_batch_than_its_limit(hashed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARS", len(PLAIN) + 3)
    grams = BatchGrams()

    assert_are_those_of(grams.keep([PLAIN, OTHER, "so"], SIZE), [PLAIN, OTHER, "so"], SIZE)
    hashed.clear()
    grams.of([PLAIN, OTHER, "so"], SIZE)

    assert hashed == [OTHER]


def test_a_comment_with_something_to_mask_has_its_own(scorer: Scorer, hashed: list[str]) -> None:
    plain, masked = "Nobody sells boats on this quay.", "Buy 500 boats at https://boats.example on this quay!"

    scorer.score([Scorable(plain, language="en"), Scorable(masked, language="en")])

    assert hashed == [plain, masked, "buy 000 boats at xlinkx boats on this quay!"]
