"""Index only the beginning of a title: PostgreSQL refused articles whose titles were too long for the index."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace("lower(left(title, 200))")


def downgrade() -> None:
    _replace("lower(title)")


def _replace(indexed: str) -> None:
    if op.get_bind().dialect.name == "sqlite":  # SQLite indexes titles of any length
        return
    op.execute("DROP INDEX ix_articles_lower_title")
    op.execute(f"CREATE INDEX ix_articles_lower_title ON articles (site_id, {indexed} text_pattern_ops)")
