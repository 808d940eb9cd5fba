"""Stretches that may be in another language, by lists of words alone."""

from __future__ import annotations

import pytest

from moderation.ground.errors import TooCostly
from moderation.judging.text.languages.foreign_lists import ENGLISH, LISTED, lists, without_accents
from moderation.judging.text.languages.foreign_words import FEWEST_WORDS, foreign_stretches
from moderation.judging.text.reading_budget import Budget
from tests.ticking import TickingClock


def stretches(text: str, home: str = ENGLISH) -> list[tuple[str, str]]:
    """The likeliest language and the text of each."""
    return [(one.languages[0], text[one.start : one.end]) for one in foreign_stretches(text, home)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I know that ihr seid alle korrupt.", [("de", "ihr seid alle korrupt")]),
        ("I know that ihr seid.", []),  # two words
        ("ihr seid ihr", [("de", "ihr seid ihr")]),
        ("I know that IHR SEID ALLE KORRUPT.", [("de", "IHR SEID ALLE KORRUPT")]),
        ("One. Ihr seid korrupt. Two. Vous \u00eates tous corrompus.",
         [("de", "Ihr seid korrupt"), ("fr", "Vous \u00eates tous corrompus")]),
        ("s\u00f3 um dia", [("pt", "s\u00f3 um dia")]),
        ("We all went to see it.", []),
        ("", []),
    ],
)  # fmt: skip
def test_words_of_another_language_in_a_row_are_a_stretch(text: str, expected: list[tuple[str, str]]) -> None:
    assert stretches(text) == expected


def test_the_fewest_words_count_without_single_letters() -> None:
    assert FEWEST_WORDS == 3
    assert stretches("I know y tu eres.") == []


def test_a_word_weighs_once_and_less_with_a_capital() -> None:
    (small,), (repeated,), (capital,) = (
        foreign_stretches(text, ENGLISH) for text in ("ihr seid alle", "ihr ihr ihr seid alle", "ihr seid Alle")
    )

    assert small.weight == repeated.weight
    assert capital.weight < small.weight


def test_a_loan_is_no_stretch_and_an_insult_always_is() -> None:
    assert stretches("hasta la vista and mi casa es su casa") == []
    (insult,) = foreign_stretches("hasta la vista you puta", ENGLISH)
    assert (insult.languages, insult.is_insult) == (("es",), True)


def test_an_insult_of_the_home_language_is_no_sign_of_another() -> None:
    assert foreign_stretches("Ese es un puto desastre", "es") == []
    assert foreign_stretches("xx puta yy", "es") == []


def test_insults_around_a_sentence_come_in_order_and_those_in_it_are_part_of_it() -> None:
    text = "The word putita was in the report, and to the rest I say ojal\u00e1 te mueras puta cabrona, you cabrona"

    found = foreign_stretches(text, ENGLISH)

    assert [text[one.start : one.end] for one in found] == ["putita", "ojal\u00e1 te mueras puta cabrona", "cabrona"]


@pytest.mark.parametrize(
    "text",
    [
        "Puto is a Filipino rice cake that my mother makes.",
        "We had puto with cheese.",
        "The FDP lost votes in the German election.",
        "HDP won seats in the Turkish election.",
        "NTM was a great French rap group.",
        "Hore Abbey in Cashel is a ruin.",
        "Bastardo is a small town in Umbria.",
        "My friend Hoer came.",
        "Mr Pute is here.",
        "The Huren family is here.",
        "I read Ludwig von Ficker.",
        "Mr Luder baked a b\u00e2tard and an amuse-gueule.",
        "The HURE was founded in 1950.",
        "Mr Pute and Mrs Pute are here.",
        "I met Pute Garcia.",
    ],
)
def test_a_name_an_abbreviation_or_a_food_is_no_insult(text: str) -> None:
    assert stretches(text) == []


@pytest.mark.parametrize(
    ("text", "insult"),
    [
        ("You are a hijo de puta", "hijo de puta"),
        ("You are a Hijo de Puta", "Hijo de Puta"),
        ("You are a puta", "puta"),
        ("YOU ARE A PUTA", "PUTA"),
        ("Puta!", "Puta"),
        ("You Puta, you cabrona", "Puta"),
        ("You are a Hurensohn", "Hurensohn"),
        ("You are a Wichser", "Wichser"),  # of just enough letters
    ],
)
def test_an_insult_with_a_capital_needs_a_second_sign_unless_it_is_long(text: str, insult: str) -> None:
    assert stretches(text)[0][1] == insult
    assert foreign_stretches(text, ENGLISH)[0].is_insult


def test_a_quoted_title_begins_with_a_capital_and_is_short() -> None:
    title = "Der Richter und sein Henker"

    assert stretches(f'I read "{title}" at school.') == []
    assert stretches(f"I read {title} at school.") != []
    assert stretches(f'I read "{title.lower()}" at school.') != []
    assert stretches(f'I read "{title} und noch ganz viel mehr" at school.') != []


def test_a_language_without_lists_has_no_words_of_its_own() -> None:
    assert stretches("sijui kwa nini, you are an idiot", "sw") != []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("\u00e9t\u00e9", "ete"), ("z\u0142odziej", "zlodziej"), ("\u0131", "i"), ("stra\u00dfe", "stra\u00dfe")],
)
def test_accents_and_strokes_are_left_out(word: str, expected: str) -> None:
    assert without_accents(word) == expected


def test_the_lists_hold_no_english_word_as_an_insult_and_every_language() -> None:
    known = lists()

    assert set(known.own) == set(LISTED)
    assert all(len(words) > 90 for words in known.own.values())
    assert not known.insults.keys() & known.own[ENGLISH]
    assert not any(len(stem) < 4 for stem in known.stems)
    assert known.insulted_in("spierdalaj") == ("pl",)
    assert known.insulted_in("spier") == ()


@pytest.mark.parametrize("unit", ["Du bist dumm. So it is. ", "puta a ", "ihr seid ", "1a", "aaaa", "a.b/c"])
def test_a_search_ends_when_the_time_is_spent(unit: str) -> None:
    clock = TickingClock(0.001)

    with Budget(0.0005, clock) as budget, pytest.raises(TooCostly):
        foreign_stretches((unit * 20_000)[:20_000] + " ihr", ENGLISH, budget)

    assert clock.looks < 10
