"""A masked text keeps its sense and loses the personal data of those who are named in it."""

from __future__ import annotations

import pytest

from moderation.judging.text.masked_text import masked
from moderation.judging.text.reading import Reading


@pytest.mark.parametrize(
    ("text", "names", "without"),
    [
        ("The tram needs 2 tracks in 2027.", (), "The tram needs 2 tracks in 2027."),
        ("Write to bob.mill@gmail.com now", (), "Write to [contact] now"),
        ("Call me on +44 7911 123456!", (), "Call me on [contact]!"),
        ("@maxpower you fool", (), "[name] you fool"),
        ("Una Byrne is right", ("Una Byrne",), "[name] is right"),
        ("una byrne is right, Byrne knows", ("Una Byrne",), "[name] is right, [name] knows"),
        ("Dear Bo, no", ("Bo",), "Dear Bo, no"),
        ("Unafraid", ("Una",), "Unafraid"),
        ("The Truth hurts. the truth", ("the Truth",), "[name] hurts. [name]"),
    ],
)
def test_what_is_masked_and_what_stays(text: str, names: tuple[str, ...], without: str) -> None:
    assert masked(Reading(text), names) == without
