"""Add recovery codes: each replaces the code of an authenticator app once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from moderation.database.columns import Id

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("moderator_id", Id, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name="fk_recovery_codes_moderator_id_moderators"),
        sa.PrimaryKeyConstraint("moderator_id", "digest", name="pk_recovery_codes"),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
