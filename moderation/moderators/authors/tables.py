"""The table of the measures that people take about authors."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

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
    partial_index("ix_author_measures_moderator", "moderator_id", "id", where="moderator_id IS NOT NULL"),
)
