"""From scores to events: scorings, decisions, the outbox, and moderators' claims and skips meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.schema.columns import Id, Json, id_column, metadata, moment, partial_index, reference

BY_PEOPLE = "decided_by IN ('moderator', 'api')"
OF_PERSON = "moderator_id IS NOT NULL"

scorings = sa.Table(
    "scorings",
    metadata,
    id_column(),
    reference("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("signals", Json, nullable=False),
    sa.Column("models", Json, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("seconds", sa.Float, nullable=False),
    moment("created_at"),
    sa.Index("ix_scorings_comment", "comment_id", "id"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),  # the comment version that was decided
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("status_before", sa.String(20), nullable=False),
    sa.Column("status_after", sa.String(20), nullable=False),
    sa.Column("decided_by", sa.String(20), nullable=False),
    reference("moderator_id", "moderators.id", nullable=True),
    sa.Column("policy_version", sa.Integer),
    reference("scoring_id", "scorings.id", nullable=True),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("category", sa.String(50)),  # the reason of a rejection, by its name of earlier versions
    sa.Column("note", sa.Text),
    reference("undoes", "decisions.id", nullable=True),
    sa.Column("batch_id", Id),
    sa.Column("featured", sa.Boolean),  # true made the comment an editor's pick, false ended that; else NULL
    moment("created_at"),
    sa.UniqueConstraint("comment_id", "version"),
    sa.Index("ix_decisions_history", "site_id", "id"),
    sa.Index("ix_decisions_moderator", "moderator_id", "id"),
    partial_index("ix_decisions_person", "site_id", "moderator_id", "id", where=OF_PERSON),
    partial_index("ix_decisions_people", "site_id", "id", where=BY_PEOPLE),
    partial_index("ix_decisions_batch", "batch_id", "id", where="batch_id IS NOT NULL"),
    # a foreign key without an index makes the database read the whole table for each row that is deleted
    sa.Index("ix_decisions_scoring", "scoring_id"),
    partial_index("ix_decisions_undoes", "undoes", where="undoes IS NOT NULL"),
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

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    reference("moderator_id", "moderators.id"),
    moment("expires_at"),
    sa.Index("ix_claims_moderator_id", "moderator_id"),
)

skips = sa.Table(
    "skips",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    moment("skipped_at"),
)
