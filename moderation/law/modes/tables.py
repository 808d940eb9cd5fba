"""The table of modes."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, id_column, metadata, moment, partial_index, reference

UNNOTED = "end_noted_at IS NULL AND ends_at = until"
"""Of modes that ended by themselves, or will, and whose end is not in the audit trail."""

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
    moment("end_noted_at", nullable=True),  # only where it ended by itself
    sa.Index("ix_modes_site", "site_id", "ends_at"),
    partial_index("ix_modes_unnoted", "ends_at", where=UNNOTED),
)
