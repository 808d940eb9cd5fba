"""The error of the last attempt at a site's webhook, and its time. A site whose last attempt succeeded has no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.sites.tables import webhook_failures


@dataclass(frozen=True, slots=True)
class Failure:
    error: str
    failed_at: datetime


def find(conn: Connection, site_id: str) -> Failure | None:
    """None if the last attempt succeeded."""
    row = conn.execute(sa.select(webhook_failures).where(webhook_failures.c.site_id == site_id)).one_or_none()
    return Failure(row.error, row.failed_at) if row else None


def note(conn: Connection, site_id: str, error: str | None, *, now: datetime) -> None:
    """Stores the error of an attempt in place of an earlier one; None removes it."""
    if error is None:
        conn.execute(webhook_failures.delete().where(webhook_failures.c.site_id == site_id))
        return
    failure = {"error": error, "failed_at": now}
    statement = insert_into(conn, webhook_failures).values(site_id=site_id, **failure)
    conn.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=failure))
