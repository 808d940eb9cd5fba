"""Changes the status of comments, a batch at once. Only the door calls this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.prepared import Prepared, built_once
from moderation.ground.values.comments import Comment
from moderation.spine.comments.lock_rows import Held, hold
from moderation.spine.comments.tables import comments

Change = tuple[Comment, Mapping[str, object]]
"""A comment as the caller saw it, and its columns that change: the status, and what changes with that."""


def move(
    conn: Connection, changes: Sequence[Change], *, now: datetime, held: Mapping[str, Held] | None = None
) -> set[str]:
    """The one status change, in the order given. The ids of the comments whose rows still had the version and status of
    ``comment``; the others stay as they are. ``held`` are their rows, where this transaction has locked them."""
    if len(changes) > 1:  # locked first, so that the number of changed rows cannot differ
        held = hold(conn, [comment.id for comment, _ in changes]) if held is None else held
        changes = [(comment, columns) for comment, columns in changes if _is_as_seen(comment, held.get(comment.id))]
    moved: set[str] = set()
    by_columns: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for comment, columns in changes:
        by_columns[tuple(columns)].append((comment, columns))
    for names, alike in by_columns.items():
        changed = _moving(names).write(conn, [_moved(comment, columns, now) for comment, columns in alike])
        if changed == len(alike):
            moved |= {comment.id for comment, _ in alike}
        elif changed or len(alike) > 1:
            raise RuntimeError(f"{changed} of {len(alike)} locked comments changed")
    return moved


def _is_as_seen(comment: Comment, held: Held | None) -> bool:
    return held is not None and (held.version, held.status) == (comment.version, comment.status)


def _moved(seen: Comment, columns: Mapping[str, object], now: datetime) -> dict[str, object]:
    which = {"seen_id": seen.id, "seen_version": seen.version, "seen_status": seen.status}
    return {**which, "version": seen.version + 1, "updated_at": now, **columns}


_MOVE = comments.update().where(
    comments.c.id == sa.bindparam("seen_id"),
    comments.c.version == sa.bindparam("seen_version"),
    comments.c.status == sa.bindparam("seen_status"),
)


@built_once()  # compiling takes 0.4 ms
def _moving(columns: tuple[str, ...]) -> Prepared:
    return Prepared(_MOVE, given=("version", "updated_at", *columns))
