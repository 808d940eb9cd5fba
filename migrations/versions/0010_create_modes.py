"""Create the modes for breaking news."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0010"
down_revision = "v1.0009"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "modes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("article_id", _ID),
        sa.Column("section", sa.String(100)),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("regular_from", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_modes_site_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_modes_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modes")),
    )
    op.create_index("ix_modes_site", "modes", ["site_id", "ends_at"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
