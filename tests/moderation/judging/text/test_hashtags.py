"""Hashtags are read as the words that they are made of, and nothing else is cut."""

from __future__ import annotations

import pytest

from moderation.ground.errors import TooCostly
from moderation.judging.text.disguises.hashtags import MAX_TAGS, guessed_hashtags, split_hashtags
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from tests.ticking import TickingClock


def guessed(text: str) -> list[str]:
    return [replacement.text for replacement in guessed_hashtags(text, UNLIMITED)]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#SendThemBack", "Send Them Back"),
        ("#NHSCrisis", "NHS Crisis"),
        ("#stop_the_steal", "stop the steal"),
        ("#MerkelMussWeg", "Merkel Muss Weg"),
        ("#ЗаЧестныеВыборы", "За Честные Выборы"),
        ("#IQuitToday", "I Quit Today"),
        ("#NoToG20Summit", "No To G 20 Summit"),
    ],
)
def test_capitals_digits_and_underscores_show_the_words_in_any_language(tag: str, words: str) -> None:
    found = list(split_hashtags(f"So, {tag}!", UNLIMITED))

    assert [(one.start, one.end, one.text) for one in found] == [(4, 4 + len(tag), words)]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#sendthemback", "send them back"),
        ("#LOCKHERUP", "LOCK HER UP"),
        ("#notmypresident", "not my president"),
        ("#immigrantsgohome", "immigrants go home"),
        ("#fuckislam", "fuck islam"),
        ("#ilovemytherapists", "i love my therapists"),
    ],
)
def test_a_tag_of_one_case_is_cut_into_known_words(tag: str, words: str) -> None:
    assert guessed(tag) == [words]
    assert not list(split_hashtags(tag, UNLIMITED))


@pytest.mark.parametrize(
    "text",
    [
        "#Trump",
        "#islamophobia",
        "#christmas",
        "#tcot",
        "#QAnon",
        "#Trump2020",
        "#1",
        "a b#SendThemBack",
        "https://example.org/page#SendThemBack",
        "caf&#233;AndMore",
        "Send them back. SendThemBack",
        "#" + "GoHome" * 20,
    ],
)
def test_one_word_a_name_an_address_and_ordinary_text_stay(text: str) -> None:
    assert guessed(text) == []


@pytest.mark.parametrize(
    "tag", ["#therapists", "#assassination", "#cocktails", "#peacocks", "#islamabad", "#dickinson", "#MIDDLESEX"]
)
def test_an_ordinary_word_is_not_cut_into_hostile_ones(tag: str) -> None:
    assert guessed(tag) == []


def test_the_words_point_to_the_whole_tag_in_the_original() -> None:
    original = "Ｙes, ＃SendThemBack now"
    copy = Reading(original).guessed
    assert copy is not None
    at = copy.text.index("Them")

    start, end = copy.origin(at, at + 4)

    assert original[start:end] == "＃SendThemBack"


def test_a_text_without_hashtags_has_no_further_copy() -> None:
    reading = Reading("The council will vote on C# and on item # 4 on Tuesday.")

    assert (reading.guessed, reading.split) == (None, None)


def test_other_languages_read_tags_with_capitals_and_guess_nothing() -> None:
    reading = Reading("Ein Idiiiot sagt #AlleRaus und #sendthemback")

    assert [copy.text for copy in reading.plain_copies] == [
        "Ein Idiiiot sagt #AlleRaus und #sendthemback",
        "Ein Idiiiot sagt Alle Raus und #sendthemback",
    ]


def test_only_so_many_tags_of_a_comment_are_read() -> None:
    text = "".join(f"#GoHome{'a' * n} " for n in range(MAX_TAGS + 5))

    assert len(guessed(text)) == MAX_TAGS


def test_reading_tags_ends_when_the_time_is_spent() -> None:
    with Budget(0.005, TickingClock(0.001)) as budget, pytest.raises(TooCostly):
        list(guessed_hashtags(("#sendthemback " * MAX_CHARS)[:MAX_CHARS], budget))
