"""Ids in the addresses and forms of pages, which anybody may have written."""

from __future__ import annotations

from uuid import UUID


def id_in(value: str | None) -> str | None:
    """The id in its usual spelling; None if it is missing or is no id."""
    try:
        return str(UUID(value)) if value else None
    except ValueError:
        return None
