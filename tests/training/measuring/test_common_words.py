"""The lists of common words are those that the project's own texts give."""

from __future__ import annotations

import pytest

from moderation.judging.text.word_lists import ordered_words
from training.measuring.common_words import OTHERS, TARGET, common_words, own_texts, words_in


@pytest.mark.parametrize("code", OTHERS)
def test_a_list_of_another_language_is_what_is_counted(code: str) -> None:
    words = words_in(code)

    assert list(ordered_words(f"common/{code}")) == words
    assert all(len(word) > 1 and word == word.lower() for word in words)


def test_the_english_list_is_what_is_counted() -> None:
    assert list(ordered_words("common/en")) == common_words(own_texts())


def test_a_word_that_only_begins_with_a_capital_is_a_name_but_in_german() -> None:
    assert "madrid" not in words_in("es")
    assert {"der", "stadt"} <= set(words_in("de"))


def test_there_is_a_list_for_each_language_and_no_other() -> None:
    assert {path.stem for path in TARGET.glob("*.txt")} == {"en", *OTHERS}
