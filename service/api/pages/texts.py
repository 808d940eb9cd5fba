"""The words of the comment box by code, in each language that it speaks: ours, from ``service/embed/texts``, and checks
of those that a site puts in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from moderation.errors import FieldProblem, InvalidInput
from service.api.fields import has_controls

FOLDER = Path(__file__).parents[2] / "embed" / "texts"
FALLBACK = "en"
MAX_CHARS = 500
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def languages() -> tuple[str, ...]:
    """Their ISO 639 codes, each a file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def ours(language: str) -> Mapping[str, str]:
    """Our texts by code. Raises KeyError for a language without a file."""
    if language not in languages():
        raise KeyError(language)
    found: Mapping[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found


def nearest(language: str) -> str:
    """The language of the file for a code like "de-AT": English where the box does not speak it."""
    main = language.lower().partition("-")[0]
    return main if main in languages() else FALLBACK


def placeholders(text: str) -> frozenset[str]:
    """The names that are filled in."""
    return frozenset(_PLACEHOLDER.findall(text))


def check(language: str, texts: Mapping[str, str]) -> None:
    """Raises InvalidInput for a language or a code that the box does not know, and for a text that cannot be shown."""
    if language not in languages():
        raise InvalidInput(FieldProblem("language", f"must be one of {', '.join(languages())}"))
    if problems := list(_problems(ours(language), texts)):
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
