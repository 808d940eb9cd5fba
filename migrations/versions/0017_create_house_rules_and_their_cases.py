"""Create the rules of rule books, and the cases of the rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0017"
down_revision = "v1.0016"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "house_rules",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer()),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(50)),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_house_rules_site_id")),
        sa.PrimaryKeyConstraint("site_id", "key", "since", name=op.f("pk_house_rules")),
    )
    op.create_table(
        "rule_cases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("rule_key", sa.String(40), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer()),
        sa.Column("must", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("source_id", _ID),
        sa.Column("added_by", sa.String(254), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rule_cases_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_cases")),
    )
    op.create_index("ix_rule_cases_site", "rule_cases", ["site_id", "id"])
    op.create_index("ix_rule_cases_source", "rule_cases", ["source_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
