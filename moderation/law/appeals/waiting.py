"""The open appeals that a person may decide."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from moderation.law.appeals import deciders
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import Appeal
from moderation.sites.rows import Moderator


def count_for(conn: Connection, moderator: Moderator) -> int:
    """At all of their sites. It takes one statement where none is open, as at most times."""
    by_maker = store.open_by_maker(conn, tuple(moderator.roles))
    barred = {site_id: _barred(conn, moderator, site_id) for site_id in {site_id for site_id, _ in by_maker}}
    return sum(count for (site_id, maker), count in by_maker.items() if maker not in barred[site_id])


def of_others(conn: Connection, moderator: Moderator) -> int:
    """How many wait at their sites for somebody else."""
    return sum(store.open_by_maker(conn, tuple(moderator.roles)).values()) - count_for(conn, moderator)


def for_person(conn: Connection, moderator: Moderator, *, after: str | None = None, limit: int) -> list[Appeal]:
    """Oldest first; ``after`` is the id of the last one before."""
    appeals = [
        appeal
        for site_id in moderator.roles
        for appeal in store.open_ones(
            conn, site_id, barred_makers=tuple(_barred(conn, moderator, site_id)), after=after, limit=limit
        )
    ]
    return sorted(appeals, key=lambda appeal: appeal.id)[:limit]


def next_for(conn: Connection, moderator: Moderator, *, after: str | None = None) -> str | None:
    """The one that follows ``after``, or else the first."""
    appeals = for_person(conn, moderator, after=after, limit=1)
    if not appeals and after is not None:
        appeals = [appeal for appeal in for_person(conn, moderator, limit=2) if appeal.id != after]
    return appeals[0].id if appeals else None


def _barred(conn: Connection, moderator: Moderator, site_id: str) -> frozenset[str]:
    return deciders.barred_makers(deciders.roles_at(conn, site_id), moderator.id)
