"""Appeals as the desk counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.law.appeals import rows as store
from moderation.law.appeals.tables import IS_OPEN, appeals
from moderation.law.appeals.values import AppealOutcome
from moderation.spine.comments.tables import decisions


@dataclass(frozen=True, slots=True)
class DecidedAppeal:
    outcome: AppealOutcome
    created_at: datetime
    decided_at: datetime
    rule: str | None  # the signal or the code of the first rule; None where a person decided
    rejection_reason: str | None


def open_now(conn: Connection, site_id: str) -> tuple[int, datetime | None]:
    """How many are open, and since when the oldest of them is."""
    mine = (appeals.c.site_id == site_id, sa.text(f"appeals.{IS_OPEN}"))
    count = conn.execute(sa.select(sa.func.count()).where(*mine)).scalar_one()
    oldest = sa.select(appeals.c.created_at).where(*mine).order_by(appeals.c.id).limit(1)
    return int(count), conn.execute(oldest).scalar_one_or_none()


def decided_since(conn: Connection, site_id: str, moment: datetime, *, limit: int) -> list[DecidedAppeal]:
    """The newest ``limit`` that are closed, newest first."""
    query = (
        sa.select(
            appeals.c.outcome,
            appeals.c.created_at,
            appeals.c.decided_at,
            decisions.c.decided_by,
            decisions.c.reasons,
            decisions.c.category,
        )
        .join(decisions, decisions.c.id == appeals.c.decision_id)
        .where(appeals.c.site_id == site_id, appeals.c.decided_at >= moment)
        .order_by(appeals.c.decided_at.desc())
        .limit(limit)
    )
    return [_decided(row) for row in conn.execute(query).mappings()]


def _decided(fields: sa.RowMapping) -> DecidedAppeal:
    first = fields["reasons"][0] if fields["reasons"] and store.is_automatic(fields["decided_by"]) else {}
    return DecidedAppeal(
        AppealOutcome(fields["outcome"]),
        fields["created_at"],
        fields["decided_at"],
        first.get("signal") or first.get("code"),
        fields["category"],
    )
