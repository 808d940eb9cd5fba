"""Emoji are named, a flood of them in part."""

from __future__ import annotations

from moderation.judging.text.letters.emoji_words import MAX_NAMED, guessed_pictures, with_pictures_named
from moderation.judging.text.rewritten_text import Copy


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


def test_a_long_run_of_one_emoji_is_named_once_and_its_places_are_kept() -> None:
    original = "so " + "😂" * 500 + " funny"

    copy = with_pictures_named(Copy.of(original))

    assert copy.text.split() == ["so", "face", "with", "tears", "of", "joy", "funny"]
    start = copy.text.index("funny")
    assert copy.origin(start, start + 5) == (504, 509)


def test_of_a_flood_of_telling_emoji_the_first_are_guessed() -> None:
    assert len(list(guessed_pictures("🖕🤡" * 5_000))) == MAX_NAMED
