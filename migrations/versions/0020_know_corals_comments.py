"""Know the comments that a Coral sent for moderation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

IS_KNOWN = sa.text("coral_id IS NOT NULL")
IS_DUE = sa.text("next_attempt_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "coral_comments",
        sa.Column(
            "comment_id", sa.Uuid(), sa.ForeignKey("comments.id", name="fk_coral_comments_comment_id"), nullable=False
        ),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_coral_comments_site_id"), nullable=False),
        sa.Column("told", sa.String(20), nullable=False),
        sa.Column("coral_id", sa.String(100), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("comment_id", name="pk_coral_comments"),
    )
    _create("ix_coral_comments_coral", ["site_id", "coral_id"], IS_KNOWN)
    _create("ix_coral_comments_due", ["site_id", "next_attempt_at"], IS_DUE)


def downgrade() -> None:
    op.drop_table("coral_comments")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "coral_comments", columns, sqlite_where=where, postgresql_where=where)
