"""Create the suspensions of notifiers whose notices a site does not take for some time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0015"
down_revision = "v1.0014"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notifier_suspensions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("notifier", sa.String(300), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_notifier_suspensions_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifier_suspensions")),
    )
    op.create_index("ix_notifier_suspensions_notifier", "notifier_suspensions", ["site_id", "notifier"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
