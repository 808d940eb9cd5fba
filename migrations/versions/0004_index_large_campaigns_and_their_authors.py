"""Index campaigns by size and by author, for the order and the search of the desk's list.

On PostgreSQL ``gavel migrate`` builds both afterwards, without stopping writers: see
``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0004"
down_revision = "v1.0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        is_listed = sa.text("copies >= 3")
        op.create_index("ix_campaigns_largest", "campaigns", ["site_id", "copies", "id"], sqlite_where=is_listed)
        op.create_index("ix_campaign_authors_author", "campaign_authors", ["author_id", "campaign_id"])


def downgrade() -> None:
    op.drop_index("ix_campaign_authors_author", "campaign_authors")
    op.drop_index("ix_campaigns_largest", "campaigns")
