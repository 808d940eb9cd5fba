"""Create the appeals of authors against decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0009"
down_revision = "v1.0008"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("maker_id", _ID),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", sa.String(30)),
        sa.Column("answer", sa.Text),
        sa.Column("moderator_id", _ID),
        sa.Column("by_same_person", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"]),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"]),
        sa.ForeignKeyConstraint(["maker_id"], ["moderators.id"]),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_appeals_decision", "appeals", ["decision_id"], unique=True)
    op.create_index("ix_appeals_comment", "appeals", ["comment_id", "id"])
    op.create_index("ix_appeals_author", "appeals", ["author_id", "id"])
    op.create_index("ix_appeals_site", "appeals", ["site_id", "created_at"])
    _partial_index("ix_appeals_decided", ["site_id", "decided_at"], "decided_at IS NOT NULL")
    _partial_index("ix_appeals_open", ["site_id", "id"], "decided_at IS NULL")


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "appeals", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("appeals")
