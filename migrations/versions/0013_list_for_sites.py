"""Find what a site lists: comments over the whole site, replies, the most replied to, a reader's arrivals and reports.

The index over the whole site holds every comment, under a condition that is always true, so that only queries which
state it can use it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

IN_LISTS = sa.text("version >= 1")
IS_REPLY = sa.text("parent_id IS NOT NULL")


def upgrade() -> None:
    _create("ix_comments_replies", ["parent_id", "status", "posted_at", "id"], IS_REPLY)
    _create("ix_comments_article_replies", ["article_id", "status", "parent_id"], IS_REPLY)
    _create("ix_comments_site_listing", ["site_id", "status", "posted_at", "id"], IN_LISTS)
    op.create_index("ix_comments_author_arrival", "comments", ["author_id", "received_at"])
    op.create_index("ix_reports_reporter", "reports", ["reporter_id", "comment_id"])


def downgrade() -> None:
    op.drop_index("ix_reports_reporter", table_name="reports")
    for name in ("author_arrival", "site_listing", "article_replies", "replies"):
        op.drop_index(f"ix_comments_{name}", table_name="comments")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "comments", columns, sqlite_where=where, postgresql_where=where)
