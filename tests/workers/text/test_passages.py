"""Articles are cut without losing a word, and only real reactions are too short to judge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.model.signals import Of
from workers.text.passages import MAX_PASSAGES, content_words, is_reaction, passages_of, runs, shared_words


@given(text=st.text(max_size=400), size=st.integers(10, 100))
def test_runs_cover_the_text_in_order_and_stay_short(text: str, size: int) -> None:
    found = list(runs(text, size))

    assert "".join(text[a:b] for a, b in found) == text
    assert all(b - a <= 2 * size for a, b in found)


def test_the_title_comes_first_and_every_passage_knows_its_place() -> None:
    text = "The minister spoke on Monday. " * 40

    found = passages_of("A speech", text)

    assert (found[0].of, found[0].text) == (Of.TITLE, "A speech")
    assert all(p.of is Of.ARTICLE and text[p.start : p.end] == p.text for p in found[1:])


def test_the_summary_stands_between_title_and_text_with_places_of_its_own() -> None:
    summary, text = "The minister spoke. Few listened.", "It was Monday."

    found = passages_of("A speech", text, summary)

    assert [p.of for p in found] == [Of.TITLE, Of.SUMMARY, Of.ARTICLE]
    assert summary[found[1].start : found[1].end] == found[1].text == summary
    assert (found[2].start, found[2].end) == (0, len(text))


def test_a_very_long_article_is_cut_coarser_and_not_shorter() -> None:
    text = "The minister spoke on Monday. " * 4000

    found = passages_of(None, text)

    assert len(found) <= MAX_PASSAGES + 1
    assert found[-1].end == len(text)


@pytest.mark.parametrize(("title", "text"), [(None, None), ("", ""), ("  ", "\n")])
def test_no_text_has_no_passages(title: str | None, text: str | None) -> None:
    assert passages_of(title, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "lol",
        "Great article, thanks!",
        "👍",
        "Good morning everyone",
        "So true.",
        "I agree",
        "Exactly this",
        "???",
        "wow",
    ],
)
def test_reactions_are_too_short_to_be_on_or_off_topic(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trams are cheaper than buses.",
        "I agree with the mayor about the harbour tunnel",
        "Buy cheap watches at my shop",
        "Who pays for the lithium mine?",
    ],
)
def test_a_short_statement_can_be_judged(text: str) -> None:
    assert not is_reaction(text)


def test_words_are_shared_whatever_their_ending() -> None:
    article = content_words("The mines export minerals and mined ores")

    assert shared_words("mining exports", article) == 1.0
    assert shared_words("cats sleeping", article) == 0.0
    assert shared_words("and the", article) == 0.0
