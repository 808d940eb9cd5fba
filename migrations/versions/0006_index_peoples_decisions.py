"""Find people's decisions without reading those of the policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BY_PEOPLE = sa.text("decided_by IN ('moderator', 'api')")


def upgrade() -> None:
    op.create_index(
        "ix_decisions_people", "decisions", ["site_id", "id"], sqlite_where=BY_PEOPLE, postgresql_where=BY_PEOPLE
    )


def downgrade() -> None:
    op.drop_index("ix_decisions_people", table_name="decisions")
