"""The outbox, and the comments that a Coral waits to hear about."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

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

events = sa.Table(
    "events",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("sequence", sa.BigInteger),  # dense per site, set at release
    sa.Column("type", sa.String(40), nullable=False),
    reference("comment_id", "comments.id", nullable=True),  # none for an event about an author
    reference("author_id", "authors.id", nullable=True),  # of an event about an author
    reference("decision_id", "decisions.id", nullable=True),
    sa.Column("payload", Json, nullable=False),
    moment("created_at"),
    moment("due_at"),
    moment("cancelled_at", nullable=True),  # undone before release: the site never hears of it
    moment("delivered_at", nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("next_attempt_at", nullable=True),  # NULL: delivered, given up, or the site has no webhook
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("site_id", "sequence"),
    sa.Index("ix_events_comment", "comment_id", "id"),
    partial_index("ix_events_author", "author_id", "id", where="author_id IS NOT NULL"),
    sa.Index("uq_events_decision", "decision_id", unique=True),
    partial_index(
        "ix_events_given_up",
        "site_id",
        "id",
        where="attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL",
    ),
    partial_index("ix_events_unreleased", "due_at", "id", where="sequence IS NULL AND cancelled_at IS NULL"),
    partial_index("ix_events_undelivered", "next_attempt_at", "id", where="next_attempt_at IS NOT NULL"),
)
