"""The table of notifiers whose notices a site does not take."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import id_column, metadata, moment, reference

notifier_suspensions = sa.Table(
    "notifier_suspensions",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("notifier", sa.String(300), nullable=False),  # as the notices have it; the row goes with the end
    moment("began_at"),
    moment("until"),
    sa.Index("ix_notifier_suspensions_notifier", "site_id", "notifier", unique=True),
)
