"""Create the trials of second readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0030"
down_revision = "v1.0029"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "second_trials",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("reader_id", _ID, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("prompt_hash", sa.String(64), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("answers", sa.String(1000), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("missing", sa.String(200)),
        sa.Column("next_at", _MOMENT),
        sa.Column("started_by", sa.String(254), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_second_trials_site_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["second_readers.id"], name=op.f("fk_second_trials_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_trials")),
    )
    op.create_index("ix_second_trials_reader", "second_trials", ["reader_id", "id"])
    due = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_second_trials_due", "second_trials", ["site_id", "next_at"], sqlite_where=due, postgresql_where=due
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
