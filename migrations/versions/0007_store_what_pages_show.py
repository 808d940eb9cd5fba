"""Store what pages show, the texts that sites word themselves, and whether an author works for the site.

PostgreSQL gets the indexes after the migration, beside writers: see
``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "v1.0007"
down_revision = "v1.0006"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_INDEXES = (
    ("ix_shown_comments_time", ["article_id", "posted_at", "id"], "root_id IS NULL"),
    ("ix_shown_comments_replied", ["article_id", "replies", "posted_at", "id"], "root_id IS NULL"),
    ("ix_shown_comments_thread", ["root_id", "posted_at", "id"], "root_id IS NOT NULL"),
    ("ix_shown_comments_site", ["site_id", "posted_at", "id"], None),
)

# Every comment under the one that began its thread, and the shown ones counted
_THREADS = """
    CREATE TEMPORARY TABLE threads AS
    WITH RECURSIVE thread (id, root_id) AS (
      SELECT id, id FROM comments WHERE parent_id IS NULL
      UNION ALL
      SELECT c.id, thread.root_id FROM comments c JOIN thread ON c.parent_id = thread.id WHERE c.parent_id IS NOT NULL
    )
    SELECT thread.id, thread.root_id FROM thread JOIN comments c ON c.id = thread.id
      WHERE c.parent_id IS NOT NULL AND c.status = 'published'
"""
_COUNTS = "CREATE TEMPORARY TABLE counted AS SELECT root_id, count(*) AS replies FROM threads GROUP BY root_id"
_KEYS = ("CREATE INDEX ix_counted ON counted (root_id)",)
_COLUMNS = "id, site_id, article_id, root_id, posted_at, is_gone, replies"
_REPLIES = f"""
    INSERT INTO shown_comments ({_COLUMNS})
    SELECT c.id, c.site_id, c.article_id, threads.root_id, c.posted_at, false, 0
      FROM threads JOIN comments c ON c.id = threads.id
"""
_ROOTS = f"""
    INSERT INTO shown_comments ({_COLUMNS})
    SELECT c.id, c.site_id, c.article_id, NULL, c.posted_at, c.status <> 'published', coalesce(counted.replies, 0)
      FROM comments c LEFT JOIN counted ON counted.root_id = c.id
      WHERE c.parent_id IS NULL AND (c.status = 'published' OR counted.root_id IS NOT NULL)
"""
_ARTICLES = """
    INSERT INTO shown_articles (article_id, site_id, version, comments, roots)
    SELECT article_id, site_id, 1, sum(CASE WHEN is_gone THEN 0 ELSE 1 END),
      sum(CASE WHEN root_id IS NULL THEN 1 ELSE 0 END)
      FROM shown_comments GROUP BY article_id, site_id
"""
FILLING = (_THREADS, _COUNTS, *_KEYS, _REPLIES, _ROOTS, _ARTICLES, "DROP TABLE threads", "DROP TABLE counted")


def upgrade() -> None:
    op.add_column("authors", sa.Column("is_staff", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "shown_articles",
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("comments", sa.Integer, nullable=False),
        sa.Column("roots", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "shown_comments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("root_id", _ID),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_gone", sa.Boolean, nullable=False),
        sa.Column("replies", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "site_texts",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("texts", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("site_id", "language"),
    )
    for statement in FILLING:
        op.execute(statement)
    if op.get_bind().dialect.name == "sqlite":
        for name, columns, where in _INDEXES:
            op.create_index(name, "shown_comments", columns, sqlite_where=sa.text(where) if where else None)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
