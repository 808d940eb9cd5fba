"""Find a site's newest comments, those of a day, and what was given up, without reading all it ever had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GIVEN_UP = sa.text("attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_comments_site", "comments", ["site_id", "id"])
    _replace_given_up(["site_id", "id"])


def downgrade() -> None:
    _replace_given_up(["id"])
    op.drop_index("ix_comments_site", table_name="comments")


def _replace_given_up(columns: list[str]) -> None:
    op.drop_index("ix_events_given_up", table_name="events")
    op.create_index("ix_events_given_up", "events", columns, sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP)
