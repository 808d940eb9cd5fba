"""The tables of articles, of the authors of their comments and the measures about them, and of the moderators who watch
articles."""

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
    moment("aged_at", nullable=True),  # when it was closed for its age: once, whatever people do later
    sa.UniqueConstraint("site_id", "external_id"),
    partial_index("ix_articles_young", "site_id", "id", where="aged_at IS NULL"),
    partial_index("ix_articles_section", "site_id", "section", where=HAS_SECTION),
)

untitled_articles = sa.Table(  # whose title their page is asked for
    "untitled_articles",
    metadata,
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True),
    reference("site_id", "sites.id"),
    sa.Column("attempts", sa.Integer, nullable=False),
    moment("next_at"),
    sa.Index("ix_untitled_articles_due", "site_id", "next_at"),
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

author_measures = sa.Table(
    "author_measures",
    metadata,
    id_column(),  # also the id of the event
    reference("site_id", "sites.id"),
    reference("author_id", "authors.id"),
    sa.Column("measure", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text),  # in a person's words; the author may read it
    sa.Column("category", sa.String(50)),  # one of the site's reasons for rejection, by its name of earlier versions
    sa.Column("note", sa.Text),  # for moderators only
    moment("until", nullable=True),
    sa.Column("about_id", Id),  # the comment, which may be gone
    sa.Column("message", Json),  # for the author: its language and text
    sa.Column("made_by", sa.String(20), nullable=False),
    sa.Column("actor_name", sa.String(200)),
    reference("moderator_id", "moderators.id", nullable=True),
    sa.Column("before", Json, nullable=False),  # the mark that held before, which an undo brings back
    moment("created_at"),
    moment("undone_at", nullable=True),
    sa.Column("undone_by", sa.String(200)),
    sa.Index("ix_author_measures_author", "author_id", "id"),
    sa.Index("ix_author_measures_site", "site_id", "id"),
    partial_index("ix_author_measures_moderator", "moderator_id", "id", where="moderator_id IS NOT NULL"),
)
