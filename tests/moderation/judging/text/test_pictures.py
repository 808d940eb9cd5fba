"""Emoji are found whole, and nothing else is taken for one."""

from __future__ import annotations

import re

import emoji

from moderation.judging.text.emoji import SIGNS, pictures


def test_all_signs_of_which_emoji_are_made_are_looked_for() -> None:
    signs = re.compile(f"[{SIGNS}]")

    assert [c for picture in emoji.EMOJI_DATA for c in picture if not c.isascii() and not signs.match(c)] == []


def test_every_emoji_is_found_whole_between_letters() -> None:
    listed = [picture for picture in emoji.EMOJI_DATA if emoji.is_emoji(picture)]

    assert [p for p in listed if [found for _, _, found in pictures(f"a{p}b")] != [p]] == []


def test_a_number_is_an_emoji_only_with_a_key_drawn_around_it() -> None:
    assert [found for _, _, found in pictures("é 1 2\ufe0f 3\ufe0f\u20e3 4\u20e3")] == ["3\ufe0f\u20e3", "4\u20e3"]
