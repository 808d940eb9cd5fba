"""The whole thread around a comment: the comment that began it and all answers below, as far as one page can show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comments

MOST = 100  # comments of a thread
DEEPEST = 200  # answers to answers, upwards from the comment


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A comment of the thread. ``depth`` is 0 for the one that began it."""

    id: str
    text: str
    status: CommentStatus
    author_name: str | None
    posted_at: datetime
    depth: int


@dataclass(frozen=True, slots=True)
class Thread:
    lines: tuple[ThreadLine, ...]  # every answer below the comment that it answers, in the order of writing
    is_cut: bool  # there are more


def thread_of(conn: Connection, comment_id: str) -> Thread:
    """Of a longer thread the first answers of each level, and in any case the comment with all that it answers."""
    above = list(conn.execute(_ABOVE, {"comment_id": comment_id}).scalars())
    below = list(conn.execute(_BELOW, {"first_id": above[-1], "most": MOST + 1}).scalars())
    shown = {*above, *below[:MOST]}
    rows: list[Row[Any]] = list(conn.execute(_LINES, {"comment_ids": list(shown)}))
    return Thread(tuple(_ordered(rows, above[-1])), len(below) > MOST)


_UP = (
    sa.select(comments.c.id, comments.c.parent_id, sa.literal(0).label("step"))
    .where(comments.c.id == sa.bindparam("comment_id"))
    .cte("up", recursive=True)
)
_parents = comments.alias("parents")
_UP = _UP.union_all(
    sa.select(_parents.c.id, _parents.c.parent_id, _UP.c.step + 1)
    .join(_UP, _parents.c.id == _UP.c.parent_id)
    .where(_UP.c.step < DEEPEST)
)
_ABOVE = sa.select(_UP.c.id).order_by(_UP.c.step)

_DOWN = sa.select(comments.c.id).where(comments.c.id == sa.bindparam("first_id")).cte("down", recursive=True)
_answers = comments.alias("answers")
_DOWN = _DOWN.union_all(
    sa.select(_answers.c.id).join(_DOWN, _answers.c.parent_id == _DOWN.c.id).where(_answers.c.parent_id.is_not(None))
)
# Both databases walk no further than the limit, level by level
_BELOW = sa.select(_DOWN.c.id).limit(sa.bindparam("most"))

_LINES = (
    sa.select(
        comments.c.id,
        comments.c.parent_id,
        comments.c.text,
        comments.c.status,
        comments.c.posted_at,
        authors.c.name.label("author_name"),
    )
    .join(authors, authors.c.id == comments.c.author_id)
    .where(comments.c.id.in_(sa.bindparam("comment_ids", expanding=True)))
)


def _ordered(rows: Sequence[Row[Any]], first_id: str) -> Iterator[ThreadLine]:
    answers: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.posted_at, row.id), reverse=True):
        answers[row.parent_id].append(row)
    ahead = [(row, 0) for row in rows if row.id == first_id]
    while ahead:
        row, depth = ahead.pop()
        yield ThreadLine(row.id, row.text, CommentStatus(row.status), row.author_name, row.posted_at, depth)
        ahead += [(answer, depth + 1) for answer in answers[row.id]]
