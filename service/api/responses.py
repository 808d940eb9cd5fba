"""The parts of the OpenAPI document that calls share: the name of their security scheme, and their problems."""

from __future__ import annotations

from typing import Any

from service.errors import MEDIA_TYPE, TITLES

KEY_SCHEME = "siteKey"
READER_SCHEME = "readerToken"
ALWAYS = (400, 401, 403, 413, 422, 429)
"""400 is for an address that holds what no text may hold, 413 and 422 for a body that the call does not take."""

_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def problems(*statuses: int) -> dict[str | int, Any]:
    """Documents these statuses and those that every call with a key can answer with."""
    return open_problems(*statuses, *ALWAYS)


def open_problems(*statuses: int) -> dict[str | int, Any]:
    """Documents these statuses, of a call that needs no key."""
    return {
        status: {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for status in sorted(set(statuses))
    }
