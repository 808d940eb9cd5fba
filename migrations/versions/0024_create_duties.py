"""Create duties: the people named for a reason why comments are held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0024"
down_revision = "v1.0023"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("named_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_duties_site_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_duties_moderator_id")),
        sa.PrimaryKeyConstraint("site_id", "reason", "moderator_id", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_moderator", "duties", ["moderator_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
