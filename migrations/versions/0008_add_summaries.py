"""Keep a summary of each article, a sentence or a few from the site, beside its text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("summary", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("articles", "summary")
