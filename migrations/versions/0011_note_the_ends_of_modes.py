"""Remember which modes have the end that came by itself in the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0011"
down_revision = "v1.0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("modes", sa.Column("end_noted_at", sa.DateTime(timezone=True), nullable=True))
    unnoted = sa.text("end_noted_at IS NULL AND ends_at = until")
    op.create_index("ix_modes_unnoted", "modes", ["ends_at"], sqlite_where=unnoted, postgresql_where=unnoted)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
