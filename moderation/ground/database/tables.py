"""The table of leases: work that only one process does at a time."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Json, metadata, moment

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(50), primary_key=True),  # of work that only one process does at a time
    sa.Column("holder", sa.String(200), nullable=False),
    moment("until"),
    sa.Column("noted", Json),  # the last holder's findings
    moment("noted_at", nullable=True),
)
