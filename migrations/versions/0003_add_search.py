"""Add full-text search, and indexes for the lookups of the desk's pages."""

from __future__ import annotations

from alembic import op

from moderation.finding import tables as search

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in search.SQLITE + search.SQLITE_BACKFILL if is_sqlite else search.POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_articles_lower_title")
    op.execute("DROP INDEX ix_authors_lower_name")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_comments_search")
        return
    op.execute("DROP TRIGGER comment_search_delete")
    op.execute("DROP TRIGGER comment_search_update")
    op.execute("DROP TRIGGER comment_search_insert")
    op.execute("DROP TABLE comment_search")
    op.execute("DROP TABLE comment_numbers")
