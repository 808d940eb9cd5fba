"""Find authors by any word of their names, as by a surname."""

from __future__ import annotations

from alembic import op

from moderation.finding import tables as search

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in search.SQLITE_NAMES + search.SQLITE_NAMES_BACKFILL if is_sqlite else search.POSTGRESQL_NAMES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_authors_names")
        return
    for name in ("delete", "update", "insert"):
        op.execute(f"DROP TRIGGER author_search_{name}")
    op.execute("DROP TABLE author_search")
    op.execute("DROP TABLE author_numbers")
