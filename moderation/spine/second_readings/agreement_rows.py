"""Reads a second reader's answers beside what people have decided since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions
from moderation.spine.second_readings.tables import second_readings
from moderation.spine.second_readings.values import ReadingState

MOST = 20_000
_COLUMNS = ("read_at", "rule", "breaks", "counted", "latency_ms", "cost", "is_cached")
SETTLED = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reading, and whether people rejected the comment; None where no person has decided it."""

    read_at: datetime
    rule: str | None
    breaks: bool | None  # None where the answer is missing
    counted: bool
    is_rejected: bool | None
    latency_ms: int  # 0 where the answer was known
    cost: int


def reviewed(conn: Connection, site_id: str, reader_id: str, *, since: datetime) -> list[Reviewed]:
    """Of what came from readers, the newest ones first."""
    by_people = (
        sa.exists()
        .where(
            decisions.c.comment_id == second_readings.c.comment_id,
            decisions.c.version >= second_readings.c.version,
            sa.text(f"decisions.{BY_PEOPLE}"),
        )
        .correlate(second_readings)
    )
    columns = (second_readings.c[name] for name in _COLUMNS)
    query = (
        sa.select(*columns, comments.c.status, by_people.label("by_people"))
        .join(comments, comments.c.id == second_readings.c.comment_id)
        .where(
            second_readings.c.site_id == site_id,
            second_readings.c.reader_id == reader_id,
            second_readings.c.replay == "",
            second_readings.c.state.in_((ReadingState.READ, ReadingState.MISSING)),
            second_readings.c.read_at >= since,
        )
        .order_by(second_readings.c.read_at.desc())
        .limit(MOST)
    )
    return [
        Reviewed(
            read_at=row.read_at,
            rule=row.rule,
            breaks=row.breaks,
            counted=row.counted,
            is_rejected=row.status == CommentStatus.REJECTED if row.by_people and row.status in SETTLED else None,
            latency_ms=0 if row.is_cached else row.latency_ms,
            cost=0 if row.is_cached else row.cost,
        )
        for row in conn.execute(query)
    ]
