"""Count checks for spam by month and host."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COUNTS = ("spam", "ham", "missed_spam", "false_positives")


def upgrade() -> None:
    op.create_table(
        "spam_checks",
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_spam_checks_site_id"), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in COUNTS),
        sa.PrimaryKeyConstraint("site_id", "month", "host", name="pk_spam_checks"),
    )


def downgrade() -> None:
    op.drop_table("spam_checks")
