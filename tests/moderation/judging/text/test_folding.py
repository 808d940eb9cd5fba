"""Folding keeps the meaning, and every character knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.judging.text.letters.folding import fold, searched
from moderation.judging.text.rewritten_text import GROWTH, Copy, Replacement


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("id\u200bi\u200dot", "idiot"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\ufeffbyte order mark", "byte order mark"),
        ("Уоu аrе аn іdіоt", "You are an idiot"),
        ("𝖋𝖗𝖆𝖐𝖙𝖚𝖗 ⓑⓤⓑⓑⓛⓔ 🅱🅾🆇", "fraktur bubble BOX"),
        ("s̴t̶u̷p̸i̵d̸", "stupid"),
        ("Z̷̢͓̈a̶͓͊l̵͙͘g̷̨̈́o̸͖͝", "Zalgo"),
    ],
)
def test_look_alike_and_invisible_characters_read_as_plain_ones(written: str, read_as: str) -> None:
    assert fold(written).text == read_as


@pytest.mark.parametrize(
    "text",
    [
        "Plain ASCII stays.",
        "Café, naïve, Müller, Łódź, déjà vu",
        "Путин и министр лжецы",
        "हिन्दी में लिखी टिप्पणी",
        "نص عربي قصير",
        "部长说谎",
        "“Quoted” — with an em dash",
        "👨‍👩‍👧 a family",
    ],
)
def test_text_in_its_own_script_is_left_alone(text: str) -> None:
    assert fold(text).text == text


def test_a_span_of_the_copy_points_at_the_disguise_in_the_original() -> None:
    original = "What an i\u200bd\u200bi\u200bo\u200bt, truly"
    copy = fold(original)
    start = copy.text.index("idiot")

    begin, end = copy.origin(start, start + len("idiot"))

    assert original[begin:end] == "i\u200bd\u200bi\u200bo\u200bt"


@pytest.mark.parametrize(
    ("written", "searched_as"),
    [
        ("STRASSE, Straße", "strasse, strasse"),
        ("İdiot", "idiot"),
        ("1\u0336d\u03361\u03360\u0336t", "1d10t"),
        ("ﷺ ﬃ ½", "صلى الله عليه وسلم ffi 1⁄2"),
        ("क\u200dष", "कष"),
    ],
)
def test_lists_are_searched_without_case_marks_and_joiners(written: str, searched_as: str) -> None:
    assert searched(written)[0].text == searched_as


def test_a_word_in_look_alike_letters_is_searched_for_both_ways() -> None:
    assert [copy.text for copy in searched("what a сор, really")] == ["what a cop, really", "what a сор, really"]
    assert len(searched("what a cop, really")) == 1


@given(st.text(max_size=80))
def test_every_copy_lies_inside_the_original_and_goes_forward(text: str) -> None:
    for copy in (fold(text), *searched(text)):
        assert len(copy.text) == len(copy.starts) == len(copy.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(copy.starts, copy.ends, strict=True))
        assert list(copy.starts) == sorted(copy.starts)
        assert list(copy.ends) == sorted(copy.ends)


@pytest.mark.parametrize("sign", ["ﷺ", "ﬃ", "…", "ß", "ы", "㍿", "ӕ"])
def test_no_text_grows_without_bounds(sign: str) -> None:
    text = "a" + sign * 10_000

    for copy in (fold(text), *searched(text)):
        assert len(copy.text) <= 2.25 * len(text) + 2 * GROWTH


def test_signs_beyond_the_bounds_stay_and_those_after_them_keep_their_place() -> None:
    text = "ﷺ" * 1_000 + " idiot"

    copy = fold(text)

    assert copy.text.endswith("ﷺ idiot")
    assert copy.origin(len(copy.text) - 5, len(copy.text)) == (1_001, 1_006)


def test_a_joiner_behind_a_latin_letter_is_dropped_however_often_it_is_repeated() -> None:
    assert fold("id\u200d\u200d\u200diot").text == "idiot"


def test_replacements_move_what_follows_and_keep_its_place() -> None:
    copy = Copy.of("a b c").replaced([Replacement(2, 3, "three"), Replacement(0, 1, "")])

    assert copy.text == " three c"
    assert copy.origin(1, 6) == (2, 3)
    assert copy.origin(7, 8) == (4, 5)
