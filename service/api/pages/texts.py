"""Checks of the texts of the comment box that a site puts in place of ours, by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.wording.sentences import LANGUAGES, of_box, placeholders
from service.api.fields import has_controls

MAX_CHARS = 500


def check(language: str, texts: Mapping[str, str]) -> None:
    """Raises InvalidInput for a language or an id that we do not know, and for a text that cannot be shown."""
    if language not in LANGUAGES:
        raise InvalidInput(FieldProblem("language", f"must be one of {', '.join(LANGUAGES)}"))
    if problems := list(_problems(of_box(language), texts)):
        raise InvalidInput(*problems)


def _problems(known: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[FieldProblem]:
    for code, text in texts.items():
        field = f"texts.{code}"
        if code not in known:
            yield FieldProblem(field, "is not a text of the comment box")
        elif not 1 <= len(text) <= MAX_CHARS:
            yield FieldProblem(field, f"must have 1 to {MAX_CHARS} characters")
        elif has_controls(text):
            yield FieldProblem(field, "must not contain control characters")
        elif strange := placeholders(text) - placeholders(known[code]):
            yield FieldProblem(field, f"has {{{min(strange)}}}, which is not filled in there")
