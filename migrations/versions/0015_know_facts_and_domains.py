"""Keep what a site says of an author and an arrival, and which domains its published comments linked to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from moderation.database.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HAS_ADDRESS = sa.text("address IS NOT NULL")


def upgrade() -> None:
    op.add_column("sites", sa.Column("address_secret", sa.String(64)))
    op.add_column("authors", sa.Column("registered_at", UtcDateTime()))
    op.add_column("authors", sa.Column("email_domain", sa.String(253)))
    op.create_table(
        "comment_facts",
        sa.Column("comment_id", sa.Uuid(as_uuid=False), sa.ForeignKey("comments.id"), primary_key=True),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("typed_s", sa.Float),
    )
    op.create_index(
        "ix_comment_facts_address",
        "comment_facts",
        ["site_id", "address", "comment_id"],
        sqlite_where=HAS_ADDRESS,
        postgresql_where=HAS_ADDRESS,
    )
    op.create_index(
        "ix_comment_facts_age", "comment_facts", ["comment_id"], sqlite_where=HAS_ADDRESS, postgresql_where=HAS_ADDRESS
    )
    op.create_table(
        "published_domains",
        sa.Column("site_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("domain", sa.String(253), primary_key=True),
        sa.Column("comments", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("published_domains")
    op.drop_table("comment_facts")
    op.drop_column("authors", "email_domain")
    op.drop_column("authors", "registered_at")
    op.drop_column("sites", "address_secret")
