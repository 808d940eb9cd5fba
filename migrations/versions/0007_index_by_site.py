"""Find a site's newest comments, those of a day, those that wait and those given up, without reading all its comments.

The first index holds every comment, under a condition that is always true, so only queries that state the condition can
use it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GIVEN_UP = sa.text("attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL")
EVER = sa.text("version > 0")
IN_QUEUE = sa.text("status = 'flagged' AND escalated_at IS NULL")
IS_WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    _create("ix_comments_site", "comments", ["site_id", "id"], EVER)
    _create("ix_comments_waiting_site", "comments", ["site_id", "updated_at", "id"], IS_WAITING)
    _replace("ix_comments_queue_article", "comments", ["site_id", "article_id", "priority", "id"], IN_QUEUE)
    _replace("ix_comments_queue_author", "comments", ["site_id", "author_id", "priority", "id"], IN_QUEUE)
    _replace("ix_events_given_up", "events", ["site_id", "id"], GIVEN_UP)


def downgrade() -> None:
    _replace("ix_comments_queue_article", "comments", ["article_id", "priority", "id"], IN_QUEUE)
    _replace("ix_comments_queue_author", "comments", ["author_id", "priority", "id"], IN_QUEUE)
    op.drop_index("ix_comments_waiting_site", table_name="comments")
    _replace("ix_events_given_up", "events", ["id"], GIVEN_UP)
    op.drop_index("ix_comments_site", table_name="comments")


def _replace(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.drop_index(name, table_name=table)
    _create(name, table, columns, where)


def _create(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
