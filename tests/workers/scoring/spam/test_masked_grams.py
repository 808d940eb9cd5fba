"""The words that spam and the house model read are hashed once for both."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from workers.scoring import masked_grams as module
from workers.scoring.masked_grams import masked_grams, masked_text
from workers.scoring.ngrams.model import features
from workers.scoring.scorable import Scorable

SIZE = 1 << 18


def test_they_are_those_of_the_masked_text_in_each_number_of_buckets() -> None:
    one = Scorable("Buy at https://boats.example or call 555-012-3456, CHEAP boats!")

    for size in (SIZE, SIZE * 2):
        buckets, counts = masked_grams(one, size)
        expected = features(masked_text(one), size)

        np.testing.assert_array_equal(buckets, expected[0])
        np.testing.assert_array_equal(counts, expected[1])


def test_two_readers_of_a_text_share_them() -> None:
    first = masked_grams(Scorable("The ferry is late again."), SIZE)

    assert masked_grams(Scorable("The ferry is late again.", language="en"), SIZE) is first
    assert masked_grams(Scorable("The ferry is on time."), SIZE) is not first


def test_a_text_with_more_than_all_that_is_kept_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 10)
    one = Scorable("A comment of more n-grams than may be kept.")

    assert len(masked_grams(one, SIZE)[0]) > 10
    assert masked_grams(one, SIZE) is not masked_grams(one, SIZE)


def test_long_texts_of_few_letters_are_not_kept_themselves() -> None:
    module._KEPT.clear()
    for number in range(3):
        masked_grams(Scorable("я" * 19_990 + str(number)), SIZE)

    assert len(module._KEPT) == 3
    assert len(pickle.dumps(list(module._KEPT.items()))) < 3_000  # bytes; a text alone has 40,000
