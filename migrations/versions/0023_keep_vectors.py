"""Keep vectors of comments. Comments that were scored before get theirs when they are scored again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

IS_DECIDED = sa.text("decision_id IS NOT NULL")
IS_UNDECIDED = sa.text("decision_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "vectors",
        sa.Column("comment_id", sa.Uuid(), sa.ForeignKey("comments.id", name="fk_vectors_comment_id"), nullable=False),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_vectors_site_id"), nullable=False),
        sa.Column("space", sa.String(80), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("comment_id", name="pk_vectors"),
    )
    _create("ix_vectors_decided", ["site_id", "decision_id"], IS_DECIDED)
    _create("ix_vectors_undecided", ["site_id", "comment_id"], IS_UNDECIDED)


def downgrade() -> None:
    op.drop_table("vectors")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "vectors", columns, sqlite_where=where, postgresql_where=where)
