"""Checks a site's settings against their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from moderation.ground.declaring import Refused
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED, SiteSettings

_OUT_OF_BOUNDS = ("greater_than", "less_than", "too_short", "too_long", "finite_number")


def check(settings: SiteSettings) -> None:
    """Raises InvalidInput, which names each field that is out of its limits."""
    try:
        SiteSettings.model_validate(dict(settings))
    except ValidationError as e:
        problems = [
            FieldProblem(declaration.name, message)
            for error in e.errors(include_url=False)
            for declaration in (DECLARED[str(error["loc"][0])],)
            for message in _messages(declaration, error)
        ]
        order = list(DECLARED)
        raise InvalidInput(*sorted(dict.fromkeys(problems), key=lambda problem: order.index(problem.field))) from e


def _messages(declaration: Declaration, error: Mapping[str, Any]) -> Iterator[str]:
    refused = error.get("ctx", {}).get("error")
    if isinstance(refused, Refused):
        yield from refused.problems
        return
    is_about_bounds = len(error["loc"]) == 1 and any(word in error["type"] for word in _OUT_OF_BOUNDS)
    bounds = declaration.bounds(_number(declaration.low), _number(declaration.high)) if is_about_bounds else None
    message = error["msg"]
    yield bounds or f"{message[:1].lower()}{message[1:]}"


def _number(bound: float | None) -> str:
    return "" if bound is None else f"{bound:,}"
