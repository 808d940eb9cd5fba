"""Keeps the authors' numbers of published and rejected comments up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles import rows as articles
from moderation.spine.comments.moves import Move


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """The authors' rows are locked in the order of their ids, as everybody does."""
    published: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for move in moves:
        author, before, after = move.comment.author_id, move.comment.status, move.to
        published[author] += (after is CommentStatus.PUBLISHED) - (before is CommentStatus.PUBLISHED)
        rejected[author] += (after is CommentStatus.REJECTED) - (before is CommentStatus.REJECTED)
    steps = {author: (published[author], rejected[author]) for author in sorted(published.keys() | rejected.keys())}
    articles.count_for_authors(conn, {author: step for author, step in steps.items() if any(step)})
