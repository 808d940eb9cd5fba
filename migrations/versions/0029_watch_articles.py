"""Watch articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watched_articles",
        _reference("moderator_id", "moderators.id"),
        _reference("article_id", "articles.id"),
        _reference("site_id", "sites.id"),
        sa.Column("watched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("moderator_id", "article_id", name="pk_watched_articles"),
    )


def downgrade() -> None:
    op.drop_table("watched_articles")


def _reference(name: str, target: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(target, name=f"fk_watched_articles_{name}"), nullable=False)
