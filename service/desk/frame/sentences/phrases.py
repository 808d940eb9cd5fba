"""Sentences about limits in the reader's language, their numbers too."""

from __future__ import annotations

from service.desk.frame.sentences.numbers import exactly
from service.languages import wording


def in_words(message: str, /, **values: object) -> str:
    """As ``gettext``, with numbers as the reader's language writes them."""
    shown = {name: exactly(v) if isinstance(v, int | float) else v for name, v in values.items()}
    return wording.gettext(message, **shown)
