"""Add leases, rescores and the request that brought a comment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GIVEN_UP = "attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL"


def upgrade() -> None:
    op.add_column("comments", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "rescores",
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("changes_only", sa.Boolean(), nullable=False),
        sa.Column("releases", sa.Boolean(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_rescores_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_rescores")),
    )
    op.create_index(
        "ix_events_given_up",
        "events",
        ["id"],
        sqlite_where=sa.text(GIVEN_UP),
        postgresql_where=sa.text(GIVEN_UP),
    )
    op.create_index("ix_decisions_scoring", "decisions", ["scoring_id"])
    op.create_index(
        "ix_decisions_undoes",
        "decisions",
        ["undoes"],
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )
    op.create_index("ix_rescores_run", "rescores", ["run_id"])
    op.create_index("ix_rescores_requested", "rescores", ["requested_at", "comment_id"])


def downgrade() -> None:
    op.drop_index("ix_decisions_undoes", table_name="decisions")
    op.drop_index("ix_decisions_scoring", table_name="decisions")
    op.drop_index("ix_events_given_up", table_name="events")
    op.drop_table("rescores")
    op.drop_table("leases")
    op.drop_column("comments", "request_id")
