"""The regression on n-grams beside the encoder of other languages."""

from __future__ import annotations

import numpy as np

from training.multilingual.ngrams import BUCKETS, LEAST_TELLING, balanced, fit, telling
from training.rows.dataset import LABELS, Rows


def rows(texts: tuple[str, ...], toxicity: list[float], source: str) -> Rows:
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = toxicity
    return Rows(texts, labels, np.ones_like(labels), (source,) * len(texts))


def test_a_feature_of_one_kind_of_rows_tells_more_than_one_of_both() -> None:
    everywhere, of_toxic, of_others = np.asarray([3]), np.asarray([3, 8]), np.asarray([3, 9])
    counts = np.ones(40, dtype=np.float32)

    found = telling([of_toxic] * 10 + [of_others] * 10 + [everywhere] * 20, np.arange(40) % 20 < 10, counts)

    assert found.shape == (BUCKETS,)
    assert found[3] < 2 * LEAST_TELLING  # ten rows of each kind have it alone
    assert np.all(found >= LEAST_TELLING)


def test_how_telling_a_feature_is_grows_with_the_rows_that_have_it() -> None:
    is_toxic, counts = np.arange(40) < 20, np.ones(40, dtype=np.float32)
    rare = [np.asarray([8])] + [np.asarray([1])] * 39
    common = [np.asarray([8])] * 20 + [np.asarray([1])] * 20

    assert (
        telling(common, is_toxic, counts)[8] > telling(rare, is_toxic, counts)[8] > telling(rare, is_toxic, counts)[7]
    )


def test_korean_is_known_by_its_letters_whatever_the_ending() -> None:
    toxic, civil = ("꺼져라 병신아", "병신들아 꺼져"), ("좋은 기사입니다", "감사합니다 좋네요")

    ngrams = fit(rows((*toxic, *civil) * 5, [1, 1, 0, 0] * 5, "ko/beep"))

    insult, thanks = ngrams.logits(["꺼졌으면 병신이", "좋았습니다 감사"])[:, 0]
    assert ngrams.spelled_out
    assert insult > thanks + 0.5


def test_toxic_and_other_rows_of_a_language_count_the_same() -> None:
    toxicity = np.asarray([1, 0, 0, 0, 1, 1, 1, 0], dtype=np.float32)
    languages = ["pl"] * 4 + ["ko"] * 4

    counts = balanced(toxicity, languages)

    assert counts[:1].sum() == counts[1:4].sum() == counts[4:7].sum() == counts[7:].sum()
