"""Checks the text of a comment."""

from __future__ import annotations

import re
import unicodedata

from moderation.ground.errors import FieldProblem, InvalidInput, TextTooLong

MAX_CHARS = 20_000
NOT_TYPED = {"Cc": "control character", "Cs": "lone surrogate"}  # Unicode categories
_REFUSED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # all of these but tabs and line ends


def clean(text: str, field: str = "text") -> str:
    """Trims the text. Raises InvalidInput for control characters, lone surrogates, and a text that is empty or too
    long."""
    trimmed = text.strip()
    if not trimmed:
        raise InvalidInput(FieldProblem(field, "must not be empty"))
    if len(trimmed) > MAX_CHARS:
        raise TextTooLong(FieldProblem(field, f"must have at most {MAX_CHARS:,} characters, has {len(trimmed):,}"))
    if match := _REFUSED.search(trimmed):
        name, code = NOT_TYPED[unicodedata.category(match.group())], ord(match.group())
        raise InvalidInput(FieldProblem(field, f"has a {name} (U+{code:04X}) at position {match.start()}"))
    return trimmed
