"""Keep the weights that are learnt from the decisions of a site's people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_weights",
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signal", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_site_weights_site_id"),
        sa.PrimaryKeyConstraint("site_id", "signal", "version", name="pk_site_weights"),
    )


def downgrade() -> None:
    op.drop_table("site_weights")
