"""Locks the rows of comments, a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.spine.comments.tables import comments


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


_HELD = (
    sa.select(comments.c.id, comments.c.version, comments.c.status, comments.c.reports)
    .where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(comments.c.id)
    .with_for_update(key_share=True)
)
