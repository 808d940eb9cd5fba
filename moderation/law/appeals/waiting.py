"""The open appeals that a person may decide."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from moderation.law.appeals import deciders
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import Appeal
from moderation.sites.rows import Moderator


def count_for(conn: Connection, moderator: Moderator) -> int:
    """Counts what waits at all of their sites. It takes one statement where none is open, as at most times."""
    return len(_mine(conn, moderator)[0])


def of_others(conn: Connection, moderator: Moderator) -> int:
    """How many wait at their sites for somebody else."""
    mine, open_ones = _mine(conn, moderator)
    return open_ones - len(mine)


def for_person(conn: Connection, moderator: Moderator, *, after: str | None = None, limit: int) -> list[Appeal]:
    """Oldest first; ``after`` is the id of the last one before."""
    mine, _open_ones = _mine(conn, moderator)
    return store.with_ids(conn, [id for id in mine if after is None or id > after][:limit])


def next_for(conn: Connection, moderator: Moderator, *, after: str | None = None) -> str | None:
    """The one that follows ``after``, or else the first."""
    mine, _open_ones = _mine(conn, moderator)
    later = [id for id in mine if after is None or id > after]
    return next(iter(later or [id for id in mine if id != after]), None)


def _mine(conn: Connection, moderator: Moderator) -> tuple[list[str], int]:
    """The ids of those that this person may decide, oldest first, and how many are open in all."""
    makers_by_appeal = store.makers_of_open(conn, tuple(moderator.roles))
    roles = {site_id: deciders.roles_at(conn, site_id) for site_id in {site_id for site_id, _id in makers_by_appeal}}
    mine = [
        id
        for (site_id, id), makers in makers_by_appeal.items()
        if moderator.id in deciders.deciders(roles[site_id], makers)
    ]
    return sorted(mine), len(makers_by_appeal)
