"""Share out comments: questions to colleagues, and owners of escalated comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("closed_at IS NULL")
IS_UNSEEN = sa.text("closed_at IS NOT NULL AND seen_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("questions", "site_id", "sites.id"),
        _reference("questions", "comment_id", "comments.id"),
        _reference("questions", "asker_id", "moderators.id"),
        _reference("questions", "asked_id", "moderators.id"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
    )
    op.create_index("ix_questions_comment", "questions", ["comment_id", "id"])
    _create("ix_questions_asked", ["asked_id", "id"], IS_OPEN)
    _create("ix_questions_answered", ["asker_id", "id"], IS_UNSEEN)
    op.create_table(
        "escalation_owners",
        _reference("escalation_owners", "comment_id", "comments.id"),
        _reference("escalation_owners", "site_id", "sites.id"),
        _reference("escalation_owners", "moderator_id", "moderators.id"),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_escalation_owners"),
    )


def downgrade() -> None:
    op.drop_table("escalation_owners")
    op.drop_table("questions")


def _reference(table: str, name: str, target: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(target, name=f"fk_{table}_{name}"), nullable=False)


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "questions", columns, sqlite_where=where, postgresql_where=where)
