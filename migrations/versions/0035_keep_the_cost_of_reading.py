"""Keep what it costs to read a comment, so that shares count by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("cost", sa.Integer))


def downgrade() -> None:
    op.drop_column("comments", "cost")
