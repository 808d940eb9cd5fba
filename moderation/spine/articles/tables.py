"""The tables of articles and of the authors of their comments, and of the moderators who watch articles."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

HAS_SECTION = "section IS NOT NULL"

articles = sa.Table(
    "articles",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("summary", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("section", sa.String(100)),
    sa.Column("tags", Json, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("question", sa.Text),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("site_state", sa.String(20)),  # as the site last sent it, while the desk has set another one
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("site_id", "external_id"),
    partial_index("ix_articles_section", "site_id", "section", where=HAS_SECTION),
)

watched_articles = sa.Table(
    "watched_articles",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True),
    reference("site_id", "sites.id"),
    moment("watched_at"),
)

ENDING = "standing <> 'normal' AND standing_until IS NOT NULL"

authors = sa.Table(
    "authors",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200)),
    sa.Column("published", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("standing", sa.String(20), nullable=False, server_default="normal"),
    sa.Column("standing_reason", sa.Text),
    moment("standing_until", nullable=True),
    moment("registered_at", nullable=True),  # the account with the site, where the site says so
    sa.Column("email_domain", sa.String(253)),
    sa.Column("is_staff", sa.Boolean, nullable=False, server_default=sa.false()),  # works for the site, as it signed
    moment("created_at"),
    sa.UniqueConstraint("site_id", "external_id"),
    partial_index("ix_authors_ending", "standing_until", "id", where=ENDING),
)
