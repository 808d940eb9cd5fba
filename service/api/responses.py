"""The parts of the OpenAPI document that calls share: how they are secured, and the problems they answer with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from service.errors import MEDIA_TYPE

KEY: list[dict[str, list[str]]] = [{"siteKey": []}]
ALWAYS = (401, 403, 429)

_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def problems(*statuses: int) -> dict[str | int, Any]:
    """Documents ``statuses`` and those that any call with a key may answer with."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for status in sorted({*statuses, *ALWAYS})
    }
