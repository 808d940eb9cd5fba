"""Note which articles were closed because of their age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0028"
down_revision = "v1.0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Articles are far fewer than comments, and writers wait for the moment that the index takes."""
    op.add_column("articles", sa.Column("aged_at", sa.DateTime(timezone=True), nullable=True))
    is_young = sa.text("aged_at IS NULL")
    op.create_index(
        "ix_articles_young", "articles", ["site_id", "id"], sqlite_where=is_young, postgresql_where=is_young
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
