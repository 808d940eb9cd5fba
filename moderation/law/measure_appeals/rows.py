"""Appeals against measures: those that one author has open, opened again, and forgotten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.law.appeals import rows as store
from moderation.law.appeals.tables import appeals
from moderation.law.appeals.values import MeasureAppeal
from moderation.spine.articles.tables import author_measures
from moderation.spine.comments.envelope import EventType
from moderation.spine.events.tables import events


def open_of(conn: Connection, author_id: str, *, now: datetime) -> list[MeasureAppeal]:
    """Those that the author has open against measures whose own end has not passed, oldest first."""
    query = (
        sa.select(appeals.c.measure_id)
        .join(author_measures, author_measures.c.id == appeals.c.measure_id)
        .where(appeals.c.author_id == author_id, appeals.c.decided_at.is_(None))
        .where(sa.or_(author_measures.c.until.is_(None), author_measures.c.until > now))
        .order_by(appeals.c.id)
    )
    ids = conn.execute(query).scalars().all()
    return [appeal for id in ids if (appeal := store.of_measure(conn, id)) is not None]


def reopen(conn: Connection, appeal_id: str) -> None:
    conn.execute(appeals.update().where(appeals.c.id == appeal_id).values(outcome=None, decided_at=None))


def cancel_decided(conn: Connection, author_id: str, decided_at: datetime) -> bool:
    """True if the site has not heard of the outcome of this moment and now never will."""
    mine = sa.and_(
        events.c.author_id == author_id,
        events.c.type == EventType.APPEAL_DECIDED,
        events.c.created_at == decided_at,
        events.c.sequence.is_(None),
        events.c.cancelled_at.is_(None),
    )
    return conn.execute(events.update().where(mine).values(cancelled_at=decided_at)).rowcount > 0


def forget(conn: Connection, author_id: str) -> None:
    """Deletes them, before the measures that they are against."""
    mine = sa.and_(appeals.c.author_id == author_id, appeals.c.measure_id.is_not(None))
    conn.execute(appeals.delete().where(mine))
