from __future__ import annotations

import pytest

from moderation.judging.text.lists.listed_words import find_words
from moderation.judging.text.reading import Reading
from moderation.judging.text.vocabulary import Vocabulary

TEXTS = (
    "You are scum.", "s c u m", "SCUUUM!", "5cum and $cum", "ѕсum in other letters", "A scumbag", "Nothing here",
    "free\nmoney or free money", "money is free", "垃圾", "I ♥ it", "s\u200bcum", "a" * 30,
)  # fmt: skip

WORDS = [Reading(text).distinct_words for text in TEXTS]


@pytest.mark.parametrize(
    "listed", [("scum",), ("scum*",), ("free money",), ("垃圾",), ("♥", "scum"), ("nowhere",), ("aa",), ()]
)
def test_every_text_that_uses_a_listed_word_is_a_candidate(listed: tuple[str, ...]) -> None:
    using = {place for place, text in enumerate(TEXTS) if find_words(text, listed)}

    assert using <= Vocabulary(WORDS).candidates(listed)


def test_texts_that_no_listed_word_can_begin_in_are_no_candidates() -> None:
    assert Vocabulary(WORDS).candidates(("vermin", "free money")) == {7, 8}
    assert Vocabulary(WORDS).candidates(()) == set()
