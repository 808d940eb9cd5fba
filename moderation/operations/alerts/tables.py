"""The tables of alerts."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

alert_targets = sa.Table(
    "alert_targets",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("address", sa.String(2000), nullable=False),  # a secret: no list, page or log shows it whole
    sa.Column("wish", Json, nullable=False),
    moment("created_at"),
    moment("next_at"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
    sa.Index("ix_alert_targets_site", "site_id", "id"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    id_column(),
    reference("target_id", "alert_targets.id"),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),  # the subject and, of a state, the alert before
    sa.Column("facts", Json, nullable=False),
    moment("created_at"),
    sa.Column("message_id", Id),  # of the message that took it; NULL while it waits
    sa.Index("uq_alerts_key", "target_id", "kind", "key", unique=True),
    sa.Index("ix_alerts_subject", "target_id", "kind", "subject", "id"),
    partial_index("ix_alerts_unsent", "target_id", "id", where="message_id IS NULL"),
)
