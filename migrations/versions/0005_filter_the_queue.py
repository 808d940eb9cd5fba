"""Filter the queue by section and language without reading the whole queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

IN_QUEUE = sa.text("status = 'flagged' AND escalated_at IS NULL")


def upgrade() -> None:
    op.add_column("comments", sa.Column("section", sa.String(length=100), nullable=True))
    op.execute(
        "UPDATE comments SET section = (SELECT section FROM articles WHERE articles.id = comments.article_id)"
        " WHERE status = 'flagged'"
    )
    for column in ("section", "language"):
        op.create_index(
            f"ix_comments_queue_{column}",
            "comments",
            ["site_id", column, "priority", "id"],
            sqlite_where=IN_QUEUE,
            postgresql_where=IN_QUEUE,
        )


def downgrade() -> None:
    op.drop_index("ix_comments_queue_language", table_name="comments")
    op.drop_index("ix_comments_queue_section", table_name="comments")
    op.drop_column("comments", "section")
