"""Keep labels: judgements by people about texts that are not stored as comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_labels_site_id"), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("signal", sa.String(50), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("language", sa.String(35)),
        sa.Column("reference", sa.String(200)),
        sa.Column("key_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
    )
    op.create_index("ix_labels_site", "labels", ["site_id", "id"])


def downgrade() -> None:
    op.drop_table("labels")
