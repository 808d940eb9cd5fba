"""Add the moment of the oldest open notice of comments that stay online, with the queue's index of these.

PostgreSQL gets the index after the migration, beside writers: see ``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0013"
down_revision = "v1.0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        is_online = sa.text("status = 'published' AND noticed_at IS NOT NULL")
        op.create_index("ix_comments_noticed", "comments", ["site_id", "priority", "id"], sqlite_where=is_online)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
