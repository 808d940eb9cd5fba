"""Create the targets of alerts, and the alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "v1.0020"
down_revision = "v1.0019"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alert_targets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("wish", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_alert_targets_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_targets")),
    )
    op.create_index("ix_alert_targets_site", "alert_targets", ["site_id", "id"])
    op.create_table(
        "alerts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("target_id", _ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("message_id", _ID),
        sa.ForeignKeyConstraint(["target_id"], ["alert_targets.id"], name=op.f("fk_alerts_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("uq_alerts_key", "alerts", ["target_id", "kind", "key"], unique=True)
    op.create_index("ix_alerts_subject", "alerts", ["target_id", "kind", "subject", "id"])
    unsent = sa.text("message_id IS NULL")
    op.create_index("ix_alerts_unsent", "alerts", ["target_id", "id"], sqlite_where=unsent, postgresql_where=unsent)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
