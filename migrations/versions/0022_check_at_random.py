"""Check comments at random: those drawn for a person to judge without seeing the policy's verdict.

No comment of before was drawn.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHECK_WAITS = sa.text("decided_at IS NULL")
SECOND_WAITS = sa.text("second_due AND second_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "checks", *_drawn(), *_decided(), *_second(), sa.PrimaryKeyConstraint("comment_id", name="pk_checks")
    )
    op.create_index("ix_checks_site", "checks", ["site_id", "drawn_at"])
    _create("ix_checks_waiting", ["site_id", "drawn_at"], CHECK_WAITS)
    _create("ix_checks_second", ["site_id", "decided_at"], SECOND_WAITS)


def downgrade() -> None:
    op.drop_table("checks")


def _drawn() -> list[sa.Column[object]]:
    return [
        _reference("comment_id", "comments", nullable=False),
        _reference("site_id", "sites", nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("section", sa.String(100), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("models", _json(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("groups", _json(), nullable=False),
        sa.Column("is_new_author", sa.Boolean(), nullable=False),
    ]


def _decided() -> list[sa.Column[object]]:
    return [
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("reason", sa.String(50), nullable=True),
        _reference("decided_by", "moderators", nullable=True),
    ]


def _second() -> list[sa.Column[object]]:
    return [
        sa.Column("second_due", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_outcome", sa.String(20), nullable=True),
        sa.Column("second_reason", sa.String(50), nullable=True),
        _reference("second_by", "moderators", nullable=True),
    ]


def _reference(name: str, table: str, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", name=f"fk_checks_{name}"), nullable=nullable)


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(JSONB(), "postgresql")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "checks", columns, sqlite_where=where, postgresql_where=where)
