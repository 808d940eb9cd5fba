"""Note the articles whose title their page is asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0027"
down_revision = "v1.0026"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "untitled_articles",
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_untitled_articles_article_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_untitled_articles_site_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_untitled_articles")),
    )
    op.create_index("ix_untitled_articles_due", "untitled_articles", ["site_id", "next_at"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
