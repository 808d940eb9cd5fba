"""Keep moderators' answers to the test of the rule book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0032"
down_revision = "v1.0031"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "rule_test_answers",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("said", sa.String(10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rule_test_answers_site_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_rule_test_answers_moderator_id")),
        sa.PrimaryKeyConstraint("site_id", "moderator_id", "case_id", name=op.f("pk_rule_test_answers")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
