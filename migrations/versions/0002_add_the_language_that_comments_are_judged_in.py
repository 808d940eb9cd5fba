"""Add the language that comments are judged in, with the queue's index by it.

PostgreSQL gets the index after the migration, beside writers: see ``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0002"
down_revision = "v1.0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("judged_in", sa.String(35), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        columns = ["site_id", "judged_in", "priority", "id"]
        in_queue = sa.text("status = 'flagged' AND escalated_at IS NULL")
        op.create_index("ix_comments_queue_judged_in", "comments", columns, sqlite_where=in_queue)
    op.drop_index("ix_comments_queue_language", "comments")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
