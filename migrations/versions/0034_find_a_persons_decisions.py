"""Find a person's decisions at one site, newest first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # on PostgreSQL moderation/operating/late_indexes.py builds it
        is_of_person = sa.text("moderator_id IS NOT NULL")
        op.create_index(
            "ix_decisions_person", "decisions", ["site_id", "moderator_id", "id"], sqlite_where=is_of_person
        )


def downgrade() -> None:
    op.drop_index("ix_decisions_person", table_name="decisions", if_exists=True)
