"""Run policies in the shadow, and find labels by the comment that they are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
IS_RUNNING = sa.text("stopped_at IS NULL")
DIFFERS = sa.text("action <> policy_action")
HAS_REFERENCE = sa.text("reference IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "shadows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_shadows_site_id"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(254), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(254), nullable=True),
        sa.Column("became", sa.Integer(), nullable=True),
        sa.Column("figures", JSON, nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_shadows"),
    )
    op.create_index("ix_shadows_site", "shadows", ["site_id", "id"])
    _create("uq_shadows_running", "shadows", ["site_id", "name"], IS_RUNNING, unique=True)
    _verdicts()
    _create("ix_labels_reference", "labels", ["site_id", "reference"], HAS_REFERENCE)


def downgrade() -> None:
    op.drop_index("ix_labels_reference", table_name="labels")
    op.drop_table("shadow_verdicts")
    op.drop_table("shadows")


def _verdicts() -> None:
    op.create_table(
        "shadow_verdicts",
        sa.Column(
            "shadow_id", sa.Uuid(), sa.ForeignKey("shadows.id", name="fk_shadow_verdicts_shadow_id"), nullable=False
        ),
        sa.Column(
            "comment_id", sa.Uuid(), sa.ForeignKey("comments.id", name="fk_shadow_verdicts_comment_id"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("policy_action", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(50), nullable=True),
        sa.Column("section", sa.String(100), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("judged", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("shadow_id", "comment_id", name="pk_shadow_verdicts"),
    )
    op.create_index("ix_shadow_verdicts_comment", "shadow_verdicts", ["comment_id"])
    _create("ix_shadow_verdicts_differ", "shadow_verdicts", ["shadow_id", "comment_id"], DIFFERS)


def _create(name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
