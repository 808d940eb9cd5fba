"""Fingerprints separate near copies from unrelated texts, by equality of bands."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from moderation.judging.text.near_copies.fingerprints import bands, is_near_copy
from moderation.judging.text.reading import Reading

TEXT = "The ministry published the list of licensed exporters on Monday and nobody read it"
WORDS = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]


def are_near_copies(left: str, right: str) -> bool:
    a, b = Reading(left).fingerprint, Reading(right).fingerprint
    assert a is not None and b is not None
    return is_near_copy(a, b)


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper(),
        TEXT + "!!!",
        TEXT.replace(" ", "  "),
        TEXT.replace(" ", ", "),
        TEXT.replace("list", "li\u200bst"),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in TEXT),
    ],
)
def test_another_dress_makes_no_difference(copy: str) -> None:
    assert Reading(copy).fingerprint == Reading(TEXT).fingerprint


def test_another_link_or_number_makes_no_difference() -> None:
    first = Reading("I earn 900 dollars a day, see https://example.com/a how").fingerprint
    second = Reading("I earn 1200 dollars a day, see https://example.org/b/c how").fingerprint

    assert first == second


def test_another_text_is_no_copy() -> None:
    assert not are_near_copies(TEXT, "Nobody asked the exporters whether the list that came on Monday was complete")


@pytest.mark.parametrize("text", ["", "So true!", "one two three four five", "...", "完全に同意します"])
def test_a_short_text_has_no_fingerprint(text: str) -> None:
    assert Reading(text).fingerprint is None


@pytest.mark.parametrize(
    "text", ["one two three four five six", "aye aye aye aye aye aye", "この記事はとても分かりやすい"]
)
def test_from_six_words_a_text_has_one(text: str) -> None:
    assert Reading(text).fingerprint is not None


def test_a_fingerprint_fits_a_signed_64_bit_column() -> None:
    prints = [Reading(" ".join(random.Random(n).sample(WORDS, 10))).fingerprint or 0 for n in range(200)]

    assert all(-(1 << 63) <= value < 1 << 63 for value in prints)
    assert any(value < 0 for value in prints) and any(value > 0 for value in prints)


def test_bands_carry_their_position_so_that_one_column_serves_all() -> None:
    assert bands(0) == (0, 1 << 16, 2 << 16, 3 << 16)
    assert bands(-1) == (0xFFFF, 0x1FFFF, 0x2FFFF, 0x3FFFF)
    assert bands(0x0004_0003_0002_0001) == (1, 0x10002, 0x20003, 0x30004)


@pytest.mark.parametrize(("equal", "near"), [(0, False), (5, False), (6, True), (8, True)])
def test_six_equal_parts_of_eight_make_a_near_copy(equal: int, near: bool) -> None:
    one = other = 0x0807_0605_0403_0201
    for part in range(8 - equal):
        other ^= 0x10 << 8 * part

    assert is_near_copy(one, other) is near
    assert is_near_copy(~one, ~other) is near  # below zero


@pytest.mark.parametrize("parts", list(combinations(range(8), 2)))
def test_near_copies_share_at_least_two_bands(parts: tuple[int, int]) -> None:
    one = 0x0807_0605_0403_0201
    other = one ^ (1 << 8 * parts[0]) ^ (1 << 8 * parts[1])

    assert is_near_copy(one, other)
    assert len({*bands(one)} & {*bands(other)}) >= 2


def test_one_changed_word_in_forty_is_nearly_always_seen_and_strangers_never_meet() -> None:
    chance = random.Random(7)
    seen = strangers = 0
    for _ in range(300):
        words = chance.sample(WORDS, 40)
        changed = list(words)
        changed[chance.randrange(40)] = "replaced"
        seen += are_near_copies(" ".join(words), " ".join(changed))
        strangers += are_near_copies(" ".join(words), " ".join(chance.sample(WORDS, 40)))

    assert seen / 300 > 0.9
    assert strangers == 0


def test_a_fingerprint_is_the_same_on_every_machine_and_in_every_release() -> None:
    assert Reading(TEXT).fingerprint == -8286516218351476865
