"""Keep why the last attempt at a site's webhook failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_failures",
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_webhook_failures_site_id"), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name="pk_webhook_failures"),
    )


def downgrade() -> None:
    op.drop_table("webhook_failures")
