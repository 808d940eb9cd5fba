"""Checks the text of a comment."""

from __future__ import annotations

import unicodedata

from moderation.errors import FieldProblem, InvalidInput

MAX_CHARS = 20_000
ALLOWED_CONTROLS = frozenset("\t\n\r\x0b\x0c")
NOT_TYPED = {"Cc": "control character", "Cs": "lone surrogate"}  # Unicode categories


def clean(text: str, field: str = "text") -> str:
    """Trims the text. Raises InvalidInput for control characters, lone surrogates, and a text that is empty or too
    long."""
    trimmed = text.strip()
    if not trimmed:
        raise InvalidInput(FieldProblem(field, "must not be empty"))
    if len(trimmed) > MAX_CHARS:
        raise InvalidInput(FieldProblem(field, f"must have at most {MAX_CHARS:,} characters, has {len(trimmed):,}"))
    for position, char in enumerate(trimmed):
        if unicodedata.category(char) in NOT_TYPED and char not in ALLOWED_CONTROLS:
            name = NOT_TYPED[unicodedata.category(char)]
            raise InvalidInput(FieldProblem(field, f"has a {name} (U+{ord(char):04X}) at position {position}"))
    return trimmed
