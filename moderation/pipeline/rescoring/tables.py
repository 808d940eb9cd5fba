"""The table of comments that will be scored once more."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, metadata, moment

rescores = sa.Table(
    "rescores",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("run_id", Id, nullable=False),
    sa.Column("cause", sa.String(20), nullable=False),  # "outage" | "models"
    sa.Column("changes_only", sa.Boolean, nullable=False),  # keep no scores where the outcome stays
    sa.Column("releases", sa.Boolean, nullable=False),  # publish a comment that was held only for lack of a score
    moment("requested_at"),
    sa.Index("ix_rescores_run", "run_id"),
    sa.Index("ix_rescores_requested", "requested_at", "comment_id"),
)
