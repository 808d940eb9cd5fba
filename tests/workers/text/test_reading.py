"""Folding and guessing keep the meaning, and every character knows where it came from."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workers.text.reading import (
    MAX_NAMED,
    MAX_WORD,
    Copy,
    fold,
    read,
    sentences,
    with_long_words_cut,
    with_pictures_named,
    words,
    words_of,
)


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


def test_a_span_of_a_guess_points_at_the_whole_spaced_out_word() -> None:
    original = "ｙｏｕ are an i d i o t, sir"
    guessed = read(original).guessed
    assert guessed is not None
    start = guessed.text.index("idiot")

    begin, end = guessed.origin(start + 1, start + 3)

    assert original[begin:end] == "i d i o t"


def test_ordinary_text_has_one_reading_so_it_is_scored_once() -> None:
    assert len(read("The council will vote on the tram line on Tuesday.").copies) == 1
    assert len(read("You are an id*ot.").copies) == 2


@given(st.text(max_size=80))
def test_any_text_folds_to_a_copy_whose_characters_all_lie_inside_the_original(text: str) -> None:
    for copy in read(text).copies:
        assert len(copy.text) == len(copy.starts) == len(copy.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(copy.starts, copy.ends, strict=True))


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


def test_pictures_are_named_once_and_the_rest_keeps_its_place() -> None:
    original = "so 😂😂 😂👍🏽 funny 😂"

    copy = with_pictures_named(Copy.of(original))

    joy = "face with tears of joy"
    assert " ".join(copy.text.split()) == f"so {joy} thumbs up medium skin tone funny {joy}"
    start = copy.text.index("funny")
    assert copy.origin(start, start + 5) == (original.index("funny"), original.index("funny") + 5)
    assert copy.origin(copy.text.index("tears"), copy.text.index("tears") + 5) == (3, 4)


def test_a_flood_of_pictures_is_named_in_part() -> None:
    flood = Copy.of("😀😁" * 10_000)

    named = with_pictures_named(flood)

    assert 2 * named.text.count("grinning face") == MAX_NAMED
    assert named.text.endswith("😀😁")


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so 😂 funny", ["so", "😂", "funny"]),
        ("you 🤬🤡 there", ["you", "🤬", "🤡", "there"]),
        ("they ☠️ all", ["they", "☠️", "all"]),
        ("peace \ufdfa upon all", ["peace", "\ufdfa", "upon", "all"]),  # one sign that stands for a phrase
        ("an id\u200biot, ｆｏｏｌ", ["an", "id\u200biot", "ｆｏｏｌ"]),
    ],
)
def test_words_of_one_place_are_one(text: str, expected: list[str]) -> None:
    copy = with_pictures_named(fold(text))

    places = [copy.origin(*place) for place in words_of(copy, 0, len(copy.text))]

    assert [text[a:b] for a, b in places] == expected


@given(st.text(alphabet="ab 😂👍🏽☠\ufe0f\u200d\u200bé\ufdfaＡ", max_size=40))
def test_words_of_any_text_stand_in_order_without_overlap_in_the_original(text: str) -> None:
    for copy in map(with_pictures_named, read(text).copies):
        places = [copy.origin(*place) for place in words_of(copy, 0, len(copy.text))]

        assert all(a[1] <= b[0] for a, b in pairwise(places))


DRAWN = "ab i1*. 😂👍🏽☠\ufe0f\u200d\u200bé\u0301\u0336\ufdfaＡаहि्न"


@given(st.text(alphabet=DRAWN, max_size=40))
@example("हिन्दी")
@example("a\u200b\u0301 b")
def test_a_word_of_any_text_is_marked_with_all_that_is_drawn_upon_it(text: str) -> None:
    for copy in map(with_pictures_named, read(text).copies):
        for place in words_of(copy, 0, len(copy.text)):
            start, end = copy.origin(*place)

            assert 0 <= start < end <= len(text)
            assert start == 0 or not is_mark(text[start])
            assert end == len(text) or not is_mark(text[end])


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
