"""Weights that were learnt from the decisions of a site's people."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.schema.columns import Id, Json, metadata, moment

site_weights = sa.Table(
    "site_weights",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("signal", sa.String(50), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("weights", sa.LargeBinary, nullable=False),
    sa.Column("report", Json, nullable=False),  # what it learnt from, and how it was judged
    sa.Column("is_current", sa.Boolean, nullable=False),
    moment("created_at"),
)
