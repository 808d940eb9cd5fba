"""The table of the audit trail."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, reference

audit = sa.Table(
    "audit",
    metadata,
    id_column(),
    reference("site_id", "sites.id", nullable=True),
    sa.Column("actor_kind", sa.String(10)),  # person, key, operator or system; null before migration 0009
    sa.Column("actor_name", sa.String(200)),  # as it was then
    reference("moderator_id", "moderators.id", nullable=True),
    sa.Column("key_id", Id),  # of the key that made the change
    sa.Column("action", sa.String(50), nullable=False),
    sa.Column("subject", sa.Text),  # what the action was done to, in words
    sa.Column("before", Json),
    sa.Column("after", Json),
    moment("created_at"),
    sa.Index("ix_audit_site_id", "site_id", "id"),
    sa.Index("ix_audit_person", "site_id", "moderator_id", "id"),
    sa.Index("ix_audit_actor_kind", "site_id", "actor_kind", "id"),
    sa.Index("ix_audit_action", "site_id", "action", "id"),
)
