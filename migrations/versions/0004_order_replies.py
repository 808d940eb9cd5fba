"""Find a comment's replies in order. SQLite reads too much through an index on a column that is mostly NULL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IS_REPLY = sa.text("parent_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_comments_parent", table_name="comments")
    op.create_index(
        "ix_comments_parent",
        "comments",
        ["parent_id", "id"],
        sqlite_where=IS_REPLY,
        postgresql_where=IS_REPLY,
    )


def downgrade() -> None:
    op.drop_index("ix_comments_parent", table_name="comments")
    op.create_index("ix_comments_parent", "comments", ["parent_id"])
