"""Let second readers rest that do not answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0029"
down_revision = "v1.0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("second_readers", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("second_readers", sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
