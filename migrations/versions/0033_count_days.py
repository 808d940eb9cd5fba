"""Count past days once: arrivals and moves by the hour, and what became of the flagged comments of each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "counted_days",
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_counted_days_site_id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("quarters", JSON, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "day", name="pk_counted_days"),
    )
    op.create_table(
        "tallies",
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_tallies_site_id"), nullable=False),
        sa.Column("span", sa.String(5), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "span", "kind", "day", "name", "outcome", name="pk_tallies"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("tallies")
    op.drop_table("counted_days")
