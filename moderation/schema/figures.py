"""Figures that take seconds to count. Pages show them as they were counted last."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.schema.columns import Id, Json, metadata, moment

site_figures = sa.Table(
    "site_figures",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("kind", sa.String(50), primary_key=True),
    sa.Column("content", Json, nullable=False),
    moment("counted_at"),
)
