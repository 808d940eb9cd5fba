"""The SQL of duties: the people named for a reason why comments are held, and when each was last at the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.moderators.queue.tables import duties
from moderation.sites.tables import memberships, moderators


@dataclass(frozen=True, slots=True)
class PersonOnDuty:
    id: str
    name: str
    seen_at: datetime | None  # at the desk, since they are named


@dataclass(frozen=True, slots=True)
class Duty:
    """``reason`` is a signal or a reason's code, as ``comments.flagged_for`` names it."""

    site_id: str
    reason: str
    people: tuple[PersonOnDuty, ...]  # by name; those who still work for the site


def duties_of(conn: Connection, site_ids: Sequence[str]) -> list[Duty]:
    rows = conn.execute(_NAMED, {"site_ids": list(site_ids)})
    return [
        Duty(site_id, reason, tuple(PersonOnDuty(row.id, row.name, row.seen_at) for row in people))
        for (site_id, reason), people in groupby(rows, key=lambda row: (row.site_id, row.reason))
    ]


def name_people(conn: Connection, site_id: str, reason: str, ids: Collection[str], *, now: datetime) -> None:
    """These and nobody else. Those who were named before keep the time at which they were seen."""
    mine = sa.and_(duties.c.site_id == site_id, duties.c.reason == reason)
    conn.execute(duties.delete().where(mine, duties.c.moderator_id.not_in(ids)))
    kept = set(conn.execute(sa.select(duties.c.moderator_id).where(mine)).scalars())
    added = [
        {"moderator_id": id, "site_id": site_id, "reason": reason, "named_at": now} for id in ids if id not in kept
    ]
    if added:
        conn.execute(duties.insert(), added)


def see(conn: Connection, moderator_id: str, *, now: datetime) -> None:
    """Notes for each of the person's duties that they are at the desk."""
    conn.execute(duties.update().where(duties.c.moderator_id == moderator_id).values(seen_at=now))


# Made once: every page of the queue runs it
_NAMED = (
    sa.select(duties.c.site_id, duties.c.reason, duties.c.seen_at, moderators.c.id, moderators.c.name)
    .join(moderators, moderators.c.id == duties.c.moderator_id)
    .join(
        memberships,
        sa.and_(memberships.c.moderator_id == duties.c.moderator_id, memberships.c.site_id == duties.c.site_id),
    )
    .where(duties.c.site_id.in_(sa.bindparam("site_ids", expanding=True)), moderators.c.disabled_at.is_(None))
    .order_by(duties.c.site_id, duties.c.reason, moderators.c.name, moderators.c.id)
)
