"""The estimate of what reading a text costs. It must not be far below what a tokenizer makes of the text."""

from __future__ import annotations

import pytest

from bench.hostile import PROSE, encoding, inputs
from moderation.ground.values.costs import EACH
from moderation.judging.text.letters.folding import fold
from moderation.judging.text.reading_cost import CHARS, MOST_PIECES, OF_TOPIC, UNKNOWN, cost_of, pieces

DOTS = "…‥" * 9_950


@pytest.mark.parametrize("name", inputs(600))
def test_a_text_has_at_most_twice_the_pieces_that_the_estimate_says(name: str) -> None:
    text = inputs(600)[name]

    read = min(MOST_PIECES, len(encoding(fold(text).text)))

    assert read <= 2 * pieces(text) + 2


def test_prose_costs_about_what_it_is() -> None:
    read = len(encoding(PROSE * 10))

    assert read <= pieces(PROSE * 10) <= 1.5 * read


def test_signs_count_as_they_are_once_they_are_folded() -> None:
    assert pieces("…‥") == 5
    assert pieces("ﷺ") == 18
    assert pieces("傻瓜") == 2
    assert pieces("a a a a") == 3  # as many as there are spaces


@pytest.mark.parametrize("text", [DOTS, "x" * 20_000, "傻" * 20_000, " ".join("a" * 10_000)])
def test_no_text_has_more_pieces_than_the_encoder_reads(text: str) -> None:
    assert pieces(text) == MOST_PIECES
    assert cost_of(text, parent=text) <= UNKNOWN
    assert cost_of(text, parent=text, article=text) <= UNKNOWN + MOST_PIECES


def test_a_text_that_is_too_long_anyway_is_not_counted() -> None:
    assert pieces(" " * (CHARS * MOST_PIECES + 1)) == MOST_PIECES


def test_a_comment_costs_its_rows_its_text_its_parent_and_a_new_article() -> None:
    assert cost_of("No.") == EACH + pieces("No.")
    assert cost_of("No.", parent="Yes.") == cost_of("No.") + pieces("Yes.")
    assert cost_of("No.", parent=DOTS) == cost_of("No.") + OF_TOPIC
    assert cost_of("No.", article=PROSE) == cost_of("No.") + pieces(PROSE)
