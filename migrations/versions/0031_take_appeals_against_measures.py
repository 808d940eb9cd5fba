"""Take appeals against measures that keep authors from commenting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0031"
down_revision = "v1.0030"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    """SQLite makes the table anew, which no other table refers to. PostgreSQL reads no row."""
    with op.batch_alter_table("appeals") as appeals:
        appeals.alter_column("comment_id", existing_type=_ID, nullable=True)
        appeals.alter_column("decision_id", existing_type=_ID, nullable=True)
        appeals.add_column(sa.Column("measure_id", _ID, nullable=True))
        appeals.create_foreign_key("appeals_measure_id_fkey", "author_measures", ["measure_id"], ["id"])
        appeals.create_index("uq_appeals_measure", ["measure_id"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
