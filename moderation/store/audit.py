"""The audit log: what people did besides deciding, appended and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.schema import audit, moderators
from moderation.store.database import new_id


@dataclass(frozen=True, slots=True)
class Noted:
    id: str
    site_id: str | None
    who: str
    action: str
    subject: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    created_at: datetime


def note(
    conn: Connection,
    action: str,
    *,
    by: str | None,
    site_id: str | None,
    now: datetime,
    subject: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """``by`` is a moderator's id; None where nobody is known, such as a failed login."""
    conn.execute(
        audit.insert().values(
            id=new_id(),
            site_id=site_id,
            moderator_id=by,
            action=action,
            subject=subject,
            before=dict(before) if before is not None else sa.null(),
            after=dict(after) if after is not None else sa.null(),
            created_at=now,
        )
    )


def entries(conn: Connection, site_id: str, *, before: str | None, limit: int) -> list[Noted]:
    """Newest first."""
    query = (
        sa.select(audit, moderators.c.name)
        .outerjoin(moderators, moderators.c.id == audit.c.moderator_id)
        .where(audit.c.site_id == site_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(audit.c.id < before)
    return [
        Noted(r.id, r.site_id, r.name or "Gavel", r.action, r.subject, r.before, r.after, r.created_at)
        for r in conn.execute(query)
    ]
