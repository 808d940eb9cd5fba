"""Keep the notices that moderators dismissed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0005"
down_revision = "v1.0004"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "dismissed_notices",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("notice", sa.String(120), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_dismissed_notices_moderator_id")),
        sa.PrimaryKeyConstraint("moderator_id", "notice", name=op.f("pk_dismissed_notices")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
