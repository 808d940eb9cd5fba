"""Feature comments as editors' picks, and find the sections of a site, which the policy page offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

HAS_SECTION = sa.text("section IS NOT NULL")
IS_FEATURED = sa.text("featured_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("decisions", sa.Column("featured", sa.Boolean(), nullable=True))
    op.add_column("comments", sa.Column("featured_at", sa.DateTime(timezone=True), nullable=True))
    _create("ix_comments_featured", "comments", ["site_id", "posted_at", "id"], IS_FEATURED)
    _create("ix_comments_article_featured", "comments", ["article_id", "posted_at", "id"], IS_FEATURED)
    _create("ix_articles_section", "articles", ["site_id", "section"], HAS_SECTION)


def downgrade() -> None:
    op.drop_index("ix_articles_section", table_name="articles", if_exists=True)
    op.drop_index("ix_comments_article_featured", table_name="comments", if_exists=True)
    op.drop_index("ix_comments_featured", table_name="comments", if_exists=True)
    op.drop_column("comments", "featured_at")
    op.drop_column("decisions", "featured")


def _create(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    if op.get_bind().dialect.name == "sqlite":  # on PostgreSQL moderation/operating/late_indexes.py builds it
        op.create_index(name, table, columns, sqlite_where=where)
