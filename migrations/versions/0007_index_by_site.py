"""Find a site's newest comments, those of a day, and what was given up, without reading all it ever had.

The queue's index by age is made again after the new one by site and id: of two indexes that do equally well by its
reckoning, SQLite takes the younger, and the queue must not walk through all that a site ever had.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GIVEN_UP = sa.text("attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL")
IN_QUEUE = sa.text("status = 'flagged' AND escalated_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_comments_site", "comments", ["site_id", "id"])
    _replace("ix_comments_queue_age", "comments", ["site_id", "id"], IN_QUEUE)
    _replace("ix_events_given_up", "events", ["site_id", "id"], GIVEN_UP)


def downgrade() -> None:
    _replace("ix_events_given_up", "events", ["id"], GIVEN_UP)
    op.drop_index("ix_comments_site", table_name="comments")


def _replace(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
