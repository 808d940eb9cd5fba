"""Sentences and words end where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.judging.text.splitting import WORD_OF_LETTERS, sentences, words, words_of_letters


@given(st.text(max_size=200))
def test_sentences_cover_the_whole_text_in_order(text: str) -> None:
    found = sentences(text)

    assert "".join(text[start:end] for start, end in found) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("No end at all", 1),
        ("One. Two! Three? Four…", 4),
        ("Mr. Smith met Dr. Jones. They spoke.", 2),
        ("He paid 3.50 for it.", 1),
        ("First line\nsecond line\n\nthird", 3),
        ('He said "no!" Then he left.', 2),
        ("部长说谎。政府无能。", 2),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_words_keep_their_apostrophes_and_hyphens() -> None:
    text = "Don't use well-known words, l’été!"

    assert [text[a:b] for a, b in words(text)] == ["Don't", "use", "well-known", "words", "l’été"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. " * 50 + "Smith spoke. They left.", 2),
        ("." * 50 + "well. y", 2),
        ("?!" * 20 + " Yes…”) No", 3),
        ("?!。So.\u2026 Yes", 3),
        (".5 of it.No", 1),
        ("One.) \n\nTwo\n.\n Three", 4),
        ("xst. Up", 2),
    ],
)
def test_repeated_signs_and_abbreviations_end_a_sentence_once(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(st.sampled_from("aZé9_' \u2019-\n傻"), max_size=30))
def test_a_word_of_letters_is_the_same_in_a_text_of_plain_letters(text: str) -> None:
    assert words_of_letters(text) == WORD_OF_LETTERS.findall(text)
