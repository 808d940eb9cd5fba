"""The SQL of replays: a reader's answers beside what people decided, and nothing follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments.tables import comments
from moderation.spine.second_readings.rows import answer_from
from moderation.spine.second_readings.tables import second_readings, second_replays
from moderation.spine.second_readings.values import Purpose, ReaderAnswer, ReadingState


@dataclass(frozen=True, slots=True)
class ReaderReplay:
    id: str
    site_id: str
    reader_id: str
    purpose: Purpose
    fingerprint: str  # of the reader
    digest: str  # of the rule book
    comments: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ReplayedAnswer:
    comment_id: str
    text: str
    status: CommentStatus  # of the comment now
    answer: ReaderAnswer


def insert(conn: Connection, replay: ReaderReplay) -> None:
    conn.execute(second_replays.insert().values(**{name: getattr(replay, name) for name in ReaderReplay.__slots__}))


def newest(conn: Connection, reader_id: str, purpose: Purpose) -> ReaderReplay | None:
    mine = sa.select(second_replays).where(second_replays.c.reader_id == reader_id, second_replays.c.purpose == purpose)
    row = conn.execute(mine.order_by(second_replays.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _replay(row)


def get(conn: Connection, site_id: str, replay_id: str) -> ReaderReplay:
    """Raises NotFound."""
    mine = sa.and_(second_replays.c.id == replay_id, second_replays.c.site_id == site_id)
    row = conn.execute(sa.select(second_replays).where(mine)).one_or_none()
    if row is None:
        raise NotFound("replay", replay_id)
    return _replay(row)


def running(conn: Connection, site_id: str) -> list[ReaderReplay]:
    mine = (second_replays.c.site_id == site_id, second_replays.c.ended_at.is_(None))
    return [_replay(row) for row in conn.execute(sa.select(second_replays).where(*mine))]


def end(conn: Connection, replay: ReaderReplay, result: Mapping[str, Any], *, now: datetime) -> bool:
    """False if somebody else has ended it."""
    mine = sa.and_(second_replays.c.id == replay.id, second_replays.c.ended_at.is_(None))
    return conn.execute(second_replays.update().where(mine).values(ended_at=now, result=dict(result))).rowcount == 1


def left(conn: Connection, replay_id: str) -> int:
    """The comments that still wait for the reader."""
    waits = (second_readings.c.replay == replay_id, second_readings.c.state == ReadingState.WAITING)
    return conn.execute(sa.select(sa.func.count()).select_from(second_readings).where(*waits)).scalar_one()


def answers(conn: Connection, replay_id: str) -> list[ReplayedAnswer]:
    """In the order in which they were asked for, without those that still wait."""
    query = (
        sa.select(second_readings, comments.c.text, comments.c.status.label("status_now"))
        .join(comments, comments.c.id == second_readings.c.comment_id)
        .where(second_readings.c.replay == replay_id, second_readings.c.state != ReadingState.WAITING)
        .order_by(second_readings.c.id)
    )
    rows = conn.execute(query)
    return [ReplayedAnswer(r.comment_id, r.text, CommentStatus(r.status_now), answer_from(r)) for r in rows]


def _replay(row: Row[Any]) -> ReaderReplay:
    values = {name: getattr(row, name) for name in ReaderReplay.__slots__}
    return ReaderReplay(**{**values, "purpose": Purpose(row.purpose)})
