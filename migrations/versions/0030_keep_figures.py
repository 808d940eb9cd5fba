"""Keep figures that take seconds to count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "site_figures",
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_site_figures_site_id"), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "kind", name="pk_site_figures"),
    )


def downgrade() -> None:
    op.drop_table("site_figures")
