"""A slow pattern is left out only where it could find nothing: each text in which it finds something has its sign."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.judging.text.contacts import ways_to_reach as contacts
from moderation.judging.text.disguises import guessing as disguises
from moderation.judging.text.languages import foreign_words
from moderation.judging.text.lists import cutting as words
from workers.scoring.language import detecting as language

ADDRESSES = ("http://", "https:", "/", "www.", "w", "ww", ":", "@", "#", "1", "a.b/", "a", " ", ".", "é")
SPACED = (
    "a ",
    "i ",
    "é ",
    "a.",
    "i.",
    "a",
    "_",
    " ",
    ".",
    "-",
    "*",
    "~",
    "|",
    "$ ",
    "1 ",
    "ab ",
    "😀",
    "(",
    "\u0301",
    "क ",
)
MAILS = ("anna", " at ", "\nat\t", "(at)", "[ät]", "( at )", "x", " dot ", "(dot)", ".", "org", "[", ")", "@", " ")


@pytest.mark.parametrize(
    ("sign", "pattern", "pieces"),
    [
        (language._MAY_BE_NO_PROSE, language._NOT_PROSE, ADDRESSES),
        (foreign_words._MAY_BE_NO_PROSE, foreign_words._NOT_PROSE, ADDRESSES),
        (disguises._MAY_BE_SPACED, disguises._SPACED, SPACED),
        (words._MAY_BE_SPACED_OUT, words._SPACED_OUT, SPACED),
    ],
    ids=["prose for a detector", "prose for word lists", "spaced out for models", "spaced out for lists"],
)
def test_what_a_pattern_finds_has_its_sign(sign: re.Pattern[str], pattern: re.Pattern[str], pieces: list[str]) -> None:
    @settings(deadline=None, max_examples=400)
    @given(st.lists(st.sampled_from(pieces), max_size=12).map("".join))
    def compare(text: str) -> None:
        assert sign.search(text) or not pattern.search(text)

    compare()


@pytest.mark.parametrize(
    "text", ["a b c d", "x. a.b.c.d", "1 2 3 4 ", "i-d-i-o-t", "i_d_i_o_t", "क ख क ख", "\u0915 \u093f \u0915 \u093f"]
)
def test_letters_that_are_spaced_out_have_the_sign(text: str) -> None:
    assert words._SPACED_OUT.search(text)
    assert words._MAY_BE_SPACED_OUT.search(text)


SPELLED = (
    "x(at)y.org",
    "x [\u00e4t] y.de",
    "anna at mail dot org",
    "x( at )y(dot)org",
    "anna (\u00e4t) mail (dot) org",
)


@pytest.mark.parametrize("text", SPELLED)
def test_a_spelled_address_has_the_sign_of_one(text: str) -> None:
    assert contacts._EMAIL.search(text)
    assert contacts._PERHAPS_AT.search(text)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(MAILS), max_size=10).map("".join))
def test_pieces_of_addresses_have_the_sign_of_one(text: str) -> None:
    spelled = [m.group() for m in contacts._EMAIL.finditer(text) if "@" not in text]
    counted = [one for one in spelled if not re.search(r"\sat\s", one) or " dot " in one]

    assert not counted or contacts._PERHAPS_AT.search(text)
