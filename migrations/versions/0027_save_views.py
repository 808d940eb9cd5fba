"""Save views of the queue, for oneself or for a site's desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "moderator_id",
            sa.Uuid(),
            sa.ForeignKey("moderators.id", name="fk_saved_views_moderator_id"),
            nullable=False,
        ),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_saved_views_site_id"), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_moderator", "saved_views", ["moderator_id", "id"])
    op.create_index("ix_saved_views_site", "saved_views", ["site_id", "id"])


def downgrade() -> None:
    op.drop_table("saved_views")
