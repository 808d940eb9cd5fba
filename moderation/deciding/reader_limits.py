"""How fast one reader may write. The database counts, so that it holds over all web processes."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.errors import AuthorTooFast
from moderation.model.authors import Author
from moderation.store import articles, comments

WINDOW = timedelta(minutes=1)


def check(conn: Connection, author: Author, per_minute: int | None, *, now: datetime) -> None:
    """For a comment that is about to be stored in this transaction. Raises AuthorTooFast.

    A reader's comments are counted one after another, so that two at the same moment do not both find room.
    """
    if per_minute is None:
        return
    articles.lock_author(conn, author.id)
    newest_first = comments.arrivals(conn, author.id, since=now - WINDOW, limit=per_minute)
    if len(newest_first) == per_minute:
        wait = newest_first[-1] + WINDOW - now
        seconds = min(max(1, math.ceil(wait.total_seconds())), int(WINDOW.total_seconds()))
        raise AuthorTooFast(author.external_id, per_minute, seconds)
