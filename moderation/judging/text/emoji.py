"""Finds emoji in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import emoji

MAX_STRETCH = 64
"""How many characters are searched at once: the library's search is quadratic in signs that a joiner connects."""

# All signs that emoji consist of, in a few ranges: an exact set costs a microsecond for each letter of a text
SIGNS = "\u00a9\u00ae\u200d\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
_STRETCH = re.compile(f"[{SIGNS}]{{1,{MAX_STRETCH}}}")
_KEYS = ("\ufe0f\u20e3", "\u20e3")  # these draw a key around the sign before them
_KEYED = "0123456789#*"


def pictures(text: str, *, only: re.Pattern[str] | None = None) -> Iterator[tuple[int, int, str]]:
    """Every emoji with its position. With ``only``, just the emoji of those unbroken runs of emoji in which it
    matches."""
    if text.isascii():
        return
    for match in _STRETCH.finditer(text):
        start = match.start()
        if text.startswith(_KEYS, start) and start and text[start - 1] in _KEYED:
            start -= 1
        stretch = text[start : match.end()]
        if only is None or only.search(stretch):
            for begin, end, picture in _pictures_of(stretch):
                yield start + begin, start + end, picture


def _pictures_of(stretch: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((match["match_start"], match["match_end"], match["emoji"]) for match in emoji.emoji_list(stretch))
