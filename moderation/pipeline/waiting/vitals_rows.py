"""The state of Gavel for operators: waiting comments and their age, recent decisions, undelivered events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.costs import CHEAP
from moderation.ground.values.statuses import DecidedBy
from moderation.judging.text.reading_cost import UNKNOWN
from moderation.sites.tables import policies, sites
from moderation.spine.comments.tables import comments, decisions, scorings
from moderation.spine.events.tables import events

_WAITS = comments.c.status == sa.literal_column("'waiting'")  # literal, so that the partial index is used
_COST = sa.func.coalesce(comments.c.cost, UNKNOWN)


@dataclass(frozen=True, slots=True)
class LaneWaiting:
    """The comments of one site that wait in one lane."""

    site_id: str
    lane: str
    count: int
    since: datetime  # when the oldest of them arrived or was edited
    cost: int = 0  # of reading them, in pieces
    slow_cost: int = 0  # the part of it that is of comments slow to read


@dataclass(frozen=True, slots=True)
class Undelivered:
    count: int = 0
    since: datetime | None = None  # when the oldest of them was made
    failing: int = 0  # were tried and failed at least once


@dataclass(frozen=True, slots=True)
class Pace:
    """Arrivals and decisions per second within a window."""

    arrived: float
    decided: float
    model_seconds_per_comment: float | None  # None when nothing was scored
    mean_batch: float | None  # comments that were scored together; None when nothing was scored


def oldest(lanes: Iterable[LaneWaiting]) -> datetime | None:
    """The earliest time; None if nothing waits."""
    return min((w.since for w in lanes), default=None)


def waiting(conn: Connection) -> list[LaneWaiting]:
    """Reads each waiting comment's row once; the backlog limit bounds their number."""
    query = (
        sa.select(
            comments.c.site_id,
            comments.c.lane,
            sa.func.count().label("count"),
            sa.func.sum(_COST).label("cost"),
            sa.func.sum(sa.case((_COST > CHEAP, _COST), else_=0)).label("slow_cost"),
            sa.func.min(comments.c.updated_at, type_=comments.c.updated_at.type).label("since"),
        )
        .where(_WAITS)
        .group_by(comments.c.site_id, comments.c.lane)
    )
    return [
        LaneWaiting(r.site_id, r.lane, r._mapping["count"], r.since, int(r.cost), int(r.slow_cost))
        for r in conn.execute(query)
    ]


def undelivered(conn: Connection) -> Undelivered:
    """Events that a webhook has not accepted yet, and how many of these have failed before."""
    query = sa.select(
        sa.func.count().label("count"),
        sa.func.min(events.c.created_at, type_=events.c.created_at.type).label("since"),
        sa.func.count().filter(events.c.attempts > 0).label("failing"),
    ).where(events.c.next_attempt_at.is_not(None))
    row = conn.execute(query).one()
    return Undelivered(row._mapping["count"], row.since, row.failing)


def flagged_by_site(conn: Connection) -> dict[str, int]:
    """How many comments wait for a person, by the site's name."""
    query = (
        sa.select(sites.c.name, sa.func.count(comments.c.id).label("held"))
        .join(comments, comments.c.site_id == sites.c.id)
        .where(comments.c.status == sa.literal_column("'flagged'"))
        .group_by(sites.c.name)
    )
    return {row.name: row.held for row in conn.execute(query)}


def policy_versions(conn: Connection) -> dict[str, int]:
    """The newest policy's version, by the site's name."""
    query = (
        sa.select(sites.c.name, sa.func.max(policies.c.version).label("newest"))
        .join(policies, policies.c.site_id == sites.c.id)
        .group_by(sites.c.name)
    )
    return {row.name: row.newest for row in conn.execute(query)}


def pace(conn: Connection, *, now: datetime, window: timedelta) -> Pace:
    """Ids sort by creation time (UUIDv7), so the primary keys bound the rows that are read."""
    first, seconds = first_id_at(now - window), window.total_seconds()
    arrived = conn.execute(sa.select(sa.func.count()).where(comments.c.id >= first)).scalar_one()
    decided = conn.execute(
        sa.select(sa.func.count()).where(decisions.c.id >= first, decisions.c.decided_by == DecidedBy.POLICY)
    ).scalar_one()
    scored, batches, cost = conn.execute(  # a batch is stored in one transaction, with one time
        sa.select(
            sa.func.count(), sa.func.count(scorings.c.created_at.distinct()), sa.func.avg(scorings.c.seconds)
        ).where(scorings.c.id >= first)
    ).one()
    if not scored:
        return Pace(arrived / seconds, decided / seconds, None, None)
    return Pace(arrived / seconds, decided / seconds, float(cost), scored / batches)


def newest_models(conn: Connection) -> dict[str, str]:
    """The models of the newest scoring."""
    models = conn.execute(sa.select(scorings.c.models).order_by(scorings.c.id.desc()).limit(1)).scalar_one_or_none()
    return dict(models or {})


def busiest_minute(conn: Connection, *, now: datetime, minutes: int) -> float:
    """Comments per second in the busiest of the last minutes."""
    starts = [now - timedelta(minutes=n) for n in range(minutes, -1, -1)]
    counts = [
        conn.execute(
            sa.select(sa.func.count()).where(comments.c.id >= first_id_at(start), comments.c.id < first_id_at(end))
        ).scalar_one()
        for start, end in pairwise(starts)
    ]
    return max(counts, default=0) / 60


def count_sites(conn: Connection) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(sites)).scalar_one()
