"""Disguised words are read, and innocent ones are never taken for them."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from moderation.judging.text.disguises.guessing import guess_words
from moderation.judging.text.disguises.hostile_words import hostile
from moderation.judging.text.reading import Reading
from moderation.judging.text.word_lists import word_list, word_pairs


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1d10t", "idiot"),
        ("sh1t", "shit"),
        ("@sshole", "asshole"),
        ("a$$hole", "asshole"),
        ("b!tch", "bitch"),
        ("m0r0n", "moron"),
        ("r3t@rded", "retarded"),
        ("f**k", "fuck"),
        ("sh*t", "shit"),
        ("f###ing", "fucking"),
        ("id__t", "idiot"),
        ("c*nt", "cunt"),
        ("i d i o t", "idiot"),
        ("i.d.i.o.t", "idiot"),
        ("i-d-i-o-t", "idiot"),
        ("i_d_i_o_t", "idiot"),
        ("i🔥d🔥i🔥o🔥t", "idiot"),
        ("y o u a r e a n i d i o t", "you are an idiot"),
        ("stuuuupid", "stupid"),
        ("stooopid", "stupid"),
        ("IDIOOOOT", "idiot"),
        ("iddiot", "idiot"),
        ("idoit", "idiot"),
        ("patetic", "pathetic"),
        ("moroon", "moron"),
        ("kys", "kill yourself"),
        ("fücking", "fucking"),
        ("🖕", "fuck you"),
    ],
)
def test_a_disguised_word_is_read(written: str, meant: str) -> None:
    guessed = Reading(f"Really, {written} indeed").guessed

    assert guessed is not None
    assert guessed.text.split() == f"Really, {meant} indeed".split()


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19, G20, 5G, B12, F16 and MP3",
        "It cost $100, £4.50 or 3€ on the 1st, 2nd and 22nd",
        "5 km in 20m at 10am, 100%",
        "mail me at fred1@example.com or @fred_1",
        "The U.S.A., the E.U. and the N.H.S.",
        "J. K. Rowling, J. R. R. Tolkien",
        "plan A, plan B, plan C",
        "a 5-star hotel with a well-known cook",
        "with money, none, strange, cuts, picks, sits, loses, garage, moon, cook, wore, backs",
        "Niger, Christina and Lars",
        "assess the class in Essex and Scunthorpe",
        "Sooooo goooood, yessss!!!",
        "**bold** and _emphasis_ and #hashtag",
        "so-called half-baked, re-elected",
        "C++ and C# and .NET",
        "I/O, w/o, and/or",
        "a b c d e f g",
        "don't, can't, it's, y'all",
        "rock 'n' roll!!!",
        "🎉🎉 👍 ❤️",
    ],
)
def test_innocent_writing_is_left_as_it_is(text: str) -> None:
    assert guess_words(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Wang Fuk Court is still burning",
        "The fire at Wang Fuk.",
        "“Wang Fuk” is in Tai Po",
        "I met Mr Fuk Wing Chan and Mr. Dik",
        "Ms Kil and Nguyen Bich Ngoc won",
    ],
)
def test_a_part_of_a_name_is_no_respelling(text: str) -> None:
    assert guess_words(text) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Bibi Fuk You", "fuck"),
        ("Bibi Fuk the lot of them", "fuck"),
        ("Tell him to Fuk himself", "fuck"),
        ("Fuk Zelensky", "fuck"),
        ("WANG FUK", "fuck"),
        ("Wang fuk", "fuck"),
        ("Bibi Fück", "fuck"),
        ("Bibi F**k", "fuck"),
        ("Bibi Btch", "bitch"),
        ("Bibi Idoit", "idiot"),
    ],
)
def test_a_respelling_that_is_no_name_is_read(text: str, meant: str) -> None:
    assert [guess.text for guess in guess_words(text)] == [meant]


def test_a_hostile_word_in_plain_sight_needs_no_guess() -> None:
    assert guess_words("You stupid idiot, shut up and die") == []


def test_no_word_is_both_hostile_and_innocent() -> None:
    assert not hostile().words & word_list("not_disguised")


def test_every_innocent_word_is_left_alone() -> None:
    wrong = [word for word in sorted(word_list("not_disguised")) if guess_words(word)]

    assert wrong == []


def test_every_respelling_is_read_as_what_it_means() -> None:
    read_as = {word: [r.text for r in guess_words(word)] for word in word_pairs("respelled")}

    assert read_as == {word: [meaning] for word, meaning in word_pairs("respelled").items()}


def test_guesses_do_not_overlap() -> None:
    guesses = guess_words("f u c k you id10t, sh*t, m o r o n s and 🖕")

    assert len(guesses) == 5
    assert all(a.end <= b.start for a, b in pairwise(guesses))


def test_a_word_is_guessed_again_beside_words_that_are_known_by_then() -> None:
    text = "An ordinary w0rd beside an 1d10t"

    first, second = guess_words(text), guess_words(text)

    assert [guess.text for guess in first] == ["idiot"]
    assert first == second


def test_every_process_guesses_alike() -> None:
    """``womn`` is both *woman* and *women* with a letter missing."""
    script = (
        "from moderation.judging.text.disguises.guessing import guess_words; "
        "print([g.text for g in guess_words('a womn here')])"
    )

    answers = {
        subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3", "4")
    }

    assert len(answers) == 1
    assert "wom" in answers.pop()
