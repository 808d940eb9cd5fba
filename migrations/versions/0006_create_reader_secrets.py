"""Create the secrets by which sites sign their readers' tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0006"
down_revision = "v1.0005"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reader_secrets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reader_secrets_site", "reader_secrets", ["site_id", "id"])


def downgrade() -> None:
    op.drop_table("reader_secrets")
