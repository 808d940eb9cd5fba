"""Reads Coral's request. Fields that we do not use may be anything, since Coral adds new ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 256 * 1024
MAX_ID_CHARS = 200
MIN_TIMEOUT_MS, DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS = 100, 500, 10_000


class Unreadable(Exception):
    """The request is not what Coral sends. The message names the field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A comment that is being written or edited. Coral has no id for it yet."""

    text: str
    author_id: str
    story_id: str
    story_url: str | None
    parent_id: str | None


def read(raw: bytes) -> Asked:
    """Raises Unreadable."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise Unreadable("the body is not JSON") from e
    return Asked(
        text=_text(body, "comment", "body"),
        author_id=_id(body, "author", "id"),
        story_id=_id(body, "story", "id"),
        story_url=_optional(body, "story", "url"),
        parent_id=_optional(body, "comment", "parentID"),
    )


def timeout_ms(given: str | None) -> int:
    """The phase's timeout as its address says it: Coral does not send it along."""
    if given is None or not (given.isascii() and given.isdigit() and len(given) < 9):
        return DEFAULT_TIMEOUT_MS
    return min(max(int(given), MIN_TIMEOUT_MS), MAX_TIMEOUT_MS)


def _optional(body: Any, *path: str) -> str | None:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) and body else None


def _text(body: Any, *path: str) -> str:
    found = _optional(body, *path)
    if found is None:
        raise Unreadable(f"{'.'.join(path)} is missing")
    return found


def _id(body: Any, *path: str) -> str:
    found = _text(body, *path)
    if len(found) > MAX_ID_CHARS:
        raise Unreadable(f"{'.'.join(path)} has more than {MAX_ID_CHARS} characters")
    return found
