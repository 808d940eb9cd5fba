"""How fast one reader may write, in comments and in the cost of reading them. The database counts, so that it holds
over all web processes."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.errors import AuthorTooFast
from moderation.ground.values.authors import Author
from moderation.judging.text.reading_cost import MOST_PIECES
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments

WINDOW = timedelta(minutes=1)
MOST_COST = 6 * MOST_PIECES
"""Of one reader's comments within the window, in pieces: about a second of a core. It is six comments that nobody reads
whole, or twenty of 2,000 letters."""


def check(conn: Connection, author: Author, per_minute: int | None, cost: int, *, now: datetime) -> None:
    """Checks for a comment of this ``cost`` that is about to be stored in this transaction. Raises
    AuthorTooFast.

    A reader's comments are counted one after another, so that two at the same moment do not both find room.
    """
    if per_minute is None:
        return
    articles.lock_author(conn, author.id)
    newest_first = comments.arrivals(conn, author.id, since=now - WINDOW, limit=per_minute)
    if len(newest_first) == per_minute:
        raise AuthorTooFast(author.external_id, per_minute, _wait_s(newest_first[-1][0], now))
    for came, other in newest_first:
        cost += other
        if cost > MOST_COST:
            raise AuthorTooFast(author.external_id, per_minute, _wait_s(came, now), are_dear=True)


def _wait_s(came: datetime, now: datetime) -> int:
    """The seconds until a comment that came then no longer counts."""
    wait = came + WINDOW - now
    return min(max(1, math.ceil(wait.total_seconds())), int(WINDOW.total_seconds()))
