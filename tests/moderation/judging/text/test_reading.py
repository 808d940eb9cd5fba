"""Guessing keeps the meaning, and every character of each copy knows where it came from."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.letters.folding import fold
from moderation.judging.text.reading import Reading
from moderation.judging.text.splitting import words_of


def test_a_span_of_a_guess_points_at_the_whole_spaced_out_word() -> None:
    original = "ｙｏｕ are an i d i o t, sir"
    guessed = Reading(original).guessed
    assert guessed is not None
    start = guessed.text.index("idiot")

    begin, end = guessed.origin(start + 1, start + 3)

    assert original[begin:end] == "i d i o t"


def test_ordinary_text_has_one_reading_so_it_is_scored_once() -> None:
    assert len(Reading("The council will vote on the tram line on Tuesday.").copies) == 1
    assert len(Reading("You are an id*ot.").copies) == 2


@given(st.text(max_size=80))
def test_any_text_folds_to_a_copy_whose_characters_all_lie_inside_the_original(text: str) -> None:
    for copy in Reading(text).copies:
        assert len(copy.text) == len(copy.starts) == len(copy.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(copy.starts, copy.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so 😂 funny", ["so", "😂", "funny"]),
        ("you 🤬🤡 there", ["you", "🤬", "🤡", "there"]),
        ("they ☠️ all", ["they", "☠️", "all"]),
        ("peace \ufdfa upon all", ["peace", "\ufdfa", "upon", "all"]),  # one sign for a whole phrase
        ("an id\u200biot, ｆｏｏｌ", ["an", "id\u200biot", "ｆｏｏｌ"]),
    ],
)
def test_words_of_one_place_are_one(text: str, expected: list[str]) -> None:
    copy = with_pictures_named(fold(text))

    places = [copy.origin(*place) for place in words_of(copy, 0, len(copy.text))]

    assert [text[a:b] for a, b in places] == expected


@given(st.text(alphabet="ab 😂👍🏽☠\ufe0f\u200d\u200bé\ufdfaＡ", max_size=40))
def test_words_of_any_text_stand_in_order_without_overlap_in_the_original(text: str) -> None:
    for copy in map(with_pictures_named, Reading(text).copies):
        places = [copy.origin(*place) for place in words_of(copy, 0, len(copy.text))]

        assert all(a[1] <= b[0] for a, b in pairwise(places))


DRAWN = "ab i1*. 😂👍🏽☠\ufe0f\u200d\u200bé\u0301\u0336\ufdfaＡаहि्न"


@given(st.text(alphabet=DRAWN, max_size=40))
@example("हिन्दी")
@example("a\u200b\u0301 b")
def test_a_word_of_any_text_is_marked_with_all_that_is_drawn_upon_it(text: str) -> None:
    for copy in map(with_pictures_named, Reading(text).copies):
        for place in words_of(copy, 0, len(copy.text)):
            start, end = copy.origin(*place)

            assert 0 <= start < end <= len(text)
            assert start == 0 or not is_mark(text[start])
            assert end == len(text) or not is_mark(text[end])


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
