"""Words that nobody writes are cut, around what is hostile in them."""

from __future__ import annotations

import pytest

from moderation.judging.text.long_words import MAX_WORD, with_long_words_cut
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import words


@pytest.mark.parametrize("before", [0, 10, 9_990, 19_980])
@pytest.mark.parametrize("attack", ["youIDIOTyou", "idiot", "stupididiot"])
def test_a_hostile_word_in_letters_that_run_on_is_a_word_with_its_place(before: int, attack: str) -> None:
    original = "tram" * (before // 4) + attack + "tram" * ((20_000 - before) // 4)

    copy = with_long_words_cut(Copy.of(original))

    found = [copy.text[a:b] for a, b in words(copy.text)]
    assert max(map(len, found)) <= MAX_WORD
    assert copy.text.replace(" ", "") == original
    place = found.index("IDIOT" if "IDIOT" in attack else "idiot")
    start, end = copy.origin(*words(copy.text)[place])
    assert original[start:end].lower() == "idiot"


@pytest.mark.parametrize(
    "text", ["a" * MAX_WORD, "Scunthorpe is a well-known town. " * 9, "部" * MAX_WORD, "!" * 500, ""]
)
def test_words_that_people_write_are_not_cut(text: str) -> None:
    assert with_long_words_cut(Copy.of(text)).text == text
