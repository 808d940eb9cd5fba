"""Create the notices of illegal content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0008"
down_revision = "v1.0007"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("category", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("email", sa.String(254)),
        sa.Column("reader_id", sa.String(200)),
        sa.Column("flagger", sa.String(100)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("decision_id", _ID),
        sa.Column("event_id", _ID),
        sa.Column("answer", sa.Text()),
        sa.Column("decided_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_notices_site_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_notices_comment_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_notices_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_site", "notices", ["site_id", "id"])
    op.create_index("ix_notices_comment", "notices", ["comment_id", "id"])
    _partial("ix_notices_reader", ["site_id", "reader_id", "id"], "reader_id IS NOT NULL")
    _partial("ix_notices_decision", ["decision_id"], "decision_id IS NOT NULL")
    _partial("ix_notices_decided", ["site_id", "decided_at", "id"], "decided_at IS NOT NULL")


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "notices", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("notices")
