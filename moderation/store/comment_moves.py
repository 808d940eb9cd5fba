"""Locks comments and changes their status, a batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.model.comments import Comment
from moderation.model.statuses import CommentStatus
from moderation.schema import comments
from moderation.store.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Held:
    """A comment's row, locked until the transaction ends."""

    version: int
    status: str
    reports: int  # by readers; none can be added


def hold(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Held]:
    """Locks the rows of many, in the order in which everybody does. By id; those that are gone are left out."""
    rows = conn.execute(_HELD, {"ids": list(comment_ids)})
    return {id: Held(version, status, reports) for id, version, status, reports in rows}


@dataclass(frozen=True, slots=True)
class Change:
    """A comment as the caller saw it, its next status, and further columns that change with that."""

    comment: Comment
    to: CommentStatus
    columns: Mapping[str, object]


def move(
    conn: Connection, changes: Sequence[Change], *, now: datetime, held: Mapping[str, Held] | None = None
) -> set[str]:
    """The one status change, in the order given. The ids of the comments whose rows still had the version and status of
    ``comment``; the others stay as they are. ``held`` are their rows, where this transaction has locked them."""
    if len(changes) > 1:  # locked first, so that the number of changed rows cannot differ
        held = hold(conn, [change.comment.id for change in changes]) if held is None else held
        changes = [change for change in changes if _is_as_seen(change.comment, held.get(change.comment.id))]
    made: set[str] = set()
    by_columns: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        by_columns[tuple(change.columns)].append(change)
    for columns, alike in by_columns.items():
        changed = _moving(columns).write(conn, [_moved(change, now) for change in alike])
        if changed == len(alike):
            made |= {change.comment.id for change in alike}
        elif changed or len(alike) > 1:
            raise RuntimeError(f"{changed} of {len(alike)} locked comments changed")
    return made


def _is_as_seen(comment: Comment, held: Held | None) -> bool:
    return held is not None and (held.version, held.status) == (comment.version, comment.status)


def _moved(change: Change, now: datetime) -> dict[str, object]:
    seen = change.comment
    which = {"seen_id": seen.id, "seen_version": seen.version, "seen_status": seen.status}
    return {**which, "status": change.to, "version": seen.version + 1, "updated_at": now, **change.columns}


_MOVE = comments.update().where(
    comments.c.id == sa.bindparam("seen_id"),
    comments.c.version == sa.bindparam("seen_version"),
    comments.c.status == sa.bindparam("seen_status"),
)


@cache
def _moving(columns: tuple[str, ...]) -> Prepared:
    return Prepared(_MOVE, given=("status", "version", "updated_at", *columns))


_HELD = (
    sa.select(comments.c.id, comments.c.version, comments.c.status, comments.c.reports)
    .where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(comments.c.id)
    .with_for_update(key_share=True)
)
