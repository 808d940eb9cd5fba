"""Comments that a Coral sent for moderation, and how far it has heard of their decisions."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.schema.columns import Id, metadata, moment, partial_index, reference

coral_comments = sa.Table(
    "coral_comments",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    reference("site_id", "sites.id"),
    sa.Column("told", sa.String(20), nullable=False),  # the status that Coral heard last
    sa.Column("coral_id", sa.String(100)),  # Coral's own, once it is known: its request has none
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("next_attempt_at", nullable=True),  # NULL: there is nothing to tell, or it was given up
    sa.Column("last_error", sa.Text),
    partial_index("ix_coral_comments_coral", "site_id", "coral_id", where="coral_id IS NOT NULL"),
    partial_index("ix_coral_comments_due", "site_id", "next_attempt_at", where="next_attempt_at IS NOT NULL"),
)
