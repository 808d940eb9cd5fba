"""Cursors of the lists that pages read: where a list ends or goes on."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from moderation.spine.comments.rows import EPOCH

FIRST = f"0.{uuid.UUID(int=0)}"
"""The cursor before the first reply of any thread."""


def place_of(posted_at: datetime, comment_id: str, rank: int | None = None) -> str:
    """``rank`` where the order has one."""
    place = f"{(posted_at - EPOCH) // timedelta(microseconds=1)}.{comment_id}"
    return place if rank is None else f"{rank}.{place}"


def values_of(cursor: str, *, has_rank: bool = False) -> tuple[Any, ...]:
    """The rank if there is one, the time and the comment's id. Raises ValueError for a cursor that is none."""
    parts = cursor.split(".")
    if len(parts) != 2 + has_rank or any(not part.isascii() or len(part) > 40 for part in parts):
        raise ValueError("not a cursor")
    try:
        *ranks, micros = map(int, parts[:-1])
        at, comment_id = EPOCH + timedelta(microseconds=micros), str(uuid.UUID(parts[-1]))
    except (OverflowError, ValueError) as e:
        raise ValueError("not a cursor") from e
    if any(abs(rank) >= 2**31 for rank in ranks):
        raise ValueError("not a cursor")
    return *ranks, at, comment_id
