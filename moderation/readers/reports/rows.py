"""Readers' reports: one per reader and comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.spine.comments import lock_rows as comment_locks
from moderation.spine.comments.tables import comments, reports


@dataclass(frozen=True, slots=True)
class Told:
    """One reason that readers gave for reporting a comment."""

    reason: str
    first_at: datetime  # when the first of all reports gave it
    later: int  # reports with it after a moment


def insert_report(
    conn: Connection, comment_id: str, reporter_id: str, *, reason: str, note: str | None, now: datetime
) -> bool:
    """False when this reader has reported the comment before."""
    row = {"comment_id": comment_id, "reporter_id": reporter_id, "reason": reason, "note": note, "created_at": now}
    inserted = insert_into(conn, reports).values(**row).on_conflict_do_nothing().returning(reports.c.reporter_id)
    if conn.execute(inserted).first() is None:  # not every database reports the row count of an INSERT
        return False
    conn.execute(comments.update().where(comments.c.id == comment_id).values(reports=comments.c.reports + 1))
    return True


def has_reported(conn: Connection, comment_id: str, reporter_id: str) -> bool:
    """Whether this reader has reported the comment."""
    mine = sa.select(reports.c.comment_id).where(
        reports.c.comment_id == comment_id, reports.c.reporter_id == reporter_id
    )
    return conn.execute(mine).first() is not None


def raise_priority(conn: Connection, comment_id: str, step: float) -> None:
    conn.execute(comments.update().where(comments.c.id == comment_id).values(priority=comments.c.priority + step))


def count_reports(conn: Connection, comment_id: str) -> int:
    """How many readers reported the comment."""
    query = sa.select(sa.func.count()).where(reports.c.comment_id == comment_id)
    return conn.execute(query).scalar_one()


def by_reason(conn: Connection, comment_id: str, *, since: datetime | None) -> list[Told]:
    """The reasons that readers gave, each with the number of reports after ``since``, or of all."""
    counted = reports.c.created_at > since if since is not None else sa.true()
    query = (
        sa.select(
            reports.c.reason,
            sa.func.min(reports.c.created_at, type_=reports.c.created_at.type).label("first_at"),
            sa.func.count().filter(counted).label("later"),
        )
        .where(reports.c.comment_id == comment_id)
        .group_by(reports.c.reason)
    )
    return [Told(row.reason, row.first_at, row.later) for row in conn.execute(query)]


def lock_and_count(conn: Connection, comment_ids: Sequence[str]) -> dict[str, int]:
    """How many readers reported each comment; no report can be added until the transaction ends."""
    return {id: held.reports for id, held in comment_locks.hold(conn, comment_ids).items()}


def lock_comment(conn: Connection, comment_id: str) -> None:
    """Makes reports of one comment wait for each other on PostgreSQL; on SQLite every write does."""
    conn.execute(sa.select(comments.c.id).where(comments.c.id == comment_id).with_for_update(key_share=True))
