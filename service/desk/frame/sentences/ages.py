"""Since when a comment is what it is, where that is not its age."""

from __future__ import annotations

from datetime import datetime, timedelta

LATER = timedelta(hours=1)


def held_later(posted_at: datetime, held_at: datetime) -> datetime | None:
    """When a comment was held that was posted long before, such as one that readers reported."""
    return held_at if held_at - posted_at >= LATER else None
