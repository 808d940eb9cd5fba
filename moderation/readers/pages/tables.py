"""The tables of what pages show: a row for each comment that readers see, and one for each article that has any.

Everything here can be made again from the comments. It is stored because a page of a long discussion must not count it.
"""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, id_column, metadata, moment, partial_index, reference

IS_ROOT = "root_id IS NULL"

IS_REPLY = "root_id IS NOT NULL"

shown_articles = sa.Table(
    "shown_articles",
    metadata,
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True),
    reference("site_id", "sites.id"),
    sa.Column("version", sa.Integer, nullable=False),  # one more whenever readers see another thing than before
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("roots", sa.Integer, nullable=False),  # threads
)

shown_comments = sa.Table(
    "shown_comments",
    metadata,
    id_column(),  # the comment's own; no foreign key, since a thread stays when the comment that began it is deleted
    reference("site_id", "sites.id"),
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), nullable=False),
    sa.Column("root_id", Id),  # of a reply: the comment that began the thread
    moment("posted_at"),
    sa.Column("is_gone", sa.Boolean, nullable=False),  # readers see only that there was one, above its replies
    sa.Column("replies", sa.Integer, nullable=False),  # of a root: shown ones of its thread
    partial_index("ix_shown_comments_time", "article_id", "posted_at", "id", where=IS_ROOT),
    partial_index("ix_shown_comments_replied", "article_id", "replies", "posted_at", "id", where=IS_ROOT),
    partial_index("ix_shown_comments_thread", "root_id", "posted_at", "id", where=IS_REPLY),
    # a foreign key without an index makes the database read the whole table for each row that is deleted
    sa.Index("ix_shown_comments_site", "site_id", "posted_at", "id"),
)
