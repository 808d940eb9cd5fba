"""Keep the website that an author entered with a comment, which is judged too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0018"
down_revision = "v1.0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment_facts", sa.Column("website", sa.Text(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
