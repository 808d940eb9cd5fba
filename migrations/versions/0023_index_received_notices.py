"""Index the notices of illegal content by the time of their receipt, for the desk's list of all of them."""

from __future__ import annotations

from alembic import op

revision = "v1.0023"
down_revision = "v1.0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is small, and writers of notices wait for the moment that it takes."""
    op.create_index("ix_notices_received", "notices", ["site_id", "received_at", "id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
