"""The table of modes."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.database.columns import Id, id_column, metadata, moment, reference

modes = sa.Table(
    "modes",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("article_id", Id, sa.ForeignKey("articles.id")),
    sa.Column("section", sa.String(100)),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("regular_from", sa.Integer, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    moment("began_at"),
    moment("until"),
    moment("ends_at"),
    sa.Index("ix_modes_site", "site_id", "ends_at"),
)
