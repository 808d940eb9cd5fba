"""Index the notices of illegal content that wait for a person, for the desk's list of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0019"
down_revision = "v1.0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is small, and writers of notices wait for the moment that it takes."""
    is_open = sa.text("outcome IS NULL")
    columns = ["site_id", "received_at", "id"]
    op.create_index("ix_notices_open", "notices", columns, sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
