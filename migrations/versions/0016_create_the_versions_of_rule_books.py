"""Create the versions of sites' rule books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0016"
down_revision = "v1.0015"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "rule_books",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rule_books_site_id")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_rule_books")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
