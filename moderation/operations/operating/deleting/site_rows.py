"""Deletes a site's rows, a page at a time, whichever tables hold any."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.operations.alerts.tables import alert_targets, alerts
from moderation.operations.all_tables import metadata
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites.tables import api_keys, reader_secrets, sites
from moderation.spine.comments.tables import EVER, comments


def delete_keys(conn: Connection, site_id: str) -> None:
    """Nothing new comes to the site from now on, but for what a web process still remembers of a key."""
    targets = sa.select(alert_targets.c.id).where(alert_targets.c.site_id == site_id)
    conn.execute(alerts.delete().where(alerts.c.target_id.in_(targets)))
    for table in (api_keys, reader_secrets, alert_targets):
        conn.execute(table.delete().where(table.c.site_id == site_id))


def delete_comments(conn: Connection, site_id: str, *, limit: int) -> int:
    """Deletes comments with everything that hangs on them. Returns how many went."""
    mine = sa.select(comments.c.id).where(comments.c.site_id == site_id, sa.text(EVER)).order_by(comments.c.id)
    ids: Sequence[str] = conn.execute(mine.limit(limit)).scalars().all()
    return retention.delete_comments(conn, ids) if ids else 0


def other_tables() -> list[sa.Table]:
    """All that hold rows of sites besides the comments and the sites themselves, in an order in which rows may go."""
    named = [table for table in reversed(metadata.sorted_tables) if "site_id" in table.columns]
    return [table for table in named if table is not comments]


def delete_rows(conn: Connection, table: sa.Table, site_id: str, *, limit: int) -> int:
    keys = list(table.primary_key.columns)
    mine = sa.select(*keys).where(table.c.site_id == site_id).limit(limit)
    key = keys[0] if len(keys) == 1 else sa.tuple_(*keys)
    return conn.execute(table.delete().where(key.in_(mine))).rowcount


def delete_site(conn: Connection, site_id: str) -> None:
    """Raises IntegrityError while any row still names the site."""
    conn.execute(sites.delete().where(sites.c.id == site_id))
