"""Campaigns that grow just now, for the top of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import listing_rows
from service import cached
from service.desk.frame.sentences.numbers import in_figures

MINUTES = 5
GROWS_FROM = 10  # copies in these minutes
COUNTED = 1_000
LOOKED_AT = 5  # campaigns, those with the newest copies
LOOK_S = 10.0  # one look serves every page of this process for so long


@dataclass(frozen=True, slots=True)
class Growing:
    campaign_id: str
    copies: str  # in the last minutes
    count: int  # the same, up to COUNTED
    minutes: int = MINUTES


def growing(conn: Connection, site_ids: tuple[str, ...], *, now: datetime) -> list[Growing]:
    return cached.value(("growing", site_ids), LOOK_S, lambda: _look(conn, site_ids, now))


def _look(conn: Connection, site_ids: tuple[str, ...], now: datetime) -> list[Growing]:
    since = now - timedelta(minutes=MINUTES)
    recent = [c for c in listing_rows.page(conn, site_ids, after=None, limit=LOOKED_AT) if c.last_at >= since]
    counts = {c.id: campaign_copies.count_since(conn, c.id, since, at_most=COUNTED + 1) for c in recent}
    return [Growing(id, in_figures(n, COUNTED), min(n, COUNTED)) for id, n in counts.items() if n >= GROWS_FROM]
