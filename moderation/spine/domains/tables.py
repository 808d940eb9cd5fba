"""The table of the domains that published comments link to."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, metadata

published_domains = sa.Table(
    "published_domains",
    metadata,
    sa.Column("site_id", Id, primary_key=True),
    sa.Column("domain", sa.String(253), primary_key=True),
    sa.Column("comments", sa.Integer, nullable=False),  # how many that are online, or were when they were deleted
)
