"""Know campaigns: near copies by several authors, counted as they arrive.

Old comments are in none. A campaign begins with the next near copy, which takes in those of the last seven days.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

IN_CAMPAIGN = sa.text("campaign_id IS NOT NULL")
IS_LISTED = sa.text("copies >= 3")
IS_TREATED = sa.text("treatment IS NOT NULL")


def upgrade() -> None:
    _campaigns()
    _keys()
    _authors()
    op.add_column("comments", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    _create("ix_comments_campaign", "comments", ["campaign_id", "status", "id"], IN_CAMPAIGN)


def downgrade() -> None:
    op.drop_index("ix_comments_campaign", table_name="comments")
    op.drop_column("comments", "campaign_id")
    for table in ("campaign_authors", "campaign_keys", "campaigns"):
        op.drop_table(table)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_campaigns_site_id"), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("treatment", sa.String(20), nullable=True),
        sa.Column("treatment_reason", sa.String(50), nullable=True),
        sa.Column("treatment_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "treatment_by", sa.Uuid(), sa.ForeignKey("moderators.id", name="fk_campaigns_treatment_by"), nullable=True
        ),
        sa.Column("treatment_batch", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    _create("ix_campaigns_listing", "campaigns", ["site_id", "last_at", "id"], IS_LISTED)
    _create("ix_campaigns_treated", "campaigns", ["site_id", "treatment_until"], IS_TREATED)


def _keys() -> None:
    op.create_table(
        "campaign_keys",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "campaign_id", sa.Uuid(), sa.ForeignKey("campaigns.id", name="fk_campaign_keys_campaign_id"), nullable=False
        ),
        sa.Column(
            "comment_id", sa.Uuid(), sa.ForeignKey("comments.id", name="fk_campaign_keys_comment_id"), nullable=False
        ),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "key", name="pk_campaign_keys"),
    )
    op.create_index("ix_campaign_keys_campaign", "campaign_keys", ["campaign_id"])
    op.create_index("ix_campaign_keys_comment", "campaign_keys", ["comment_id"])


def _authors() -> None:
    op.create_table(
        "campaign_authors",
        sa.Column(
            "campaign_id",
            sa.Uuid(),
            sa.ForeignKey("campaigns.id", name="fk_campaign_authors_campaign_id"),
            nullable=False,
        ),
        sa.Column(
            "author_id", sa.Uuid(), sa.ForeignKey("authors.id", name="fk_campaign_authors_author_id"), nullable=False
        ),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "author_id", name="pk_campaign_authors"),
    )
    op.create_index("ix_campaign_authors_newest", "campaign_authors", ["campaign_id", "last_at"])


def _create(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
