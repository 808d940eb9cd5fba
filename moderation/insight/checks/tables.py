"""The table of comments that were drawn at random, to be judged blind."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, metadata, moment, partial_index, reference

CHECK_WAITS = "decided_at IS NULL"

SECOND_WAITS = "second_due AND second_at IS NULL"

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    reference("site_id", "sites.id"),
    moment("drawn_at"),
    sa.Column("probability", sa.Float, nullable=False),  # with which it was drawn
    sa.Column("verdict", sa.String(20), nullable=False),  # the status that the policy gave it
    sa.Column("section", sa.String(100)),
    sa.Column("language", sa.String(35)),
    sa.Column("models", Json, nullable=False),  # that scored it, by name
    sa.Column("policy_version", sa.Integer),
    sa.Column("groups", Json, nullable=False),  # that its text mentions: see learning.group_words
    sa.Column("is_new_author", sa.Boolean, nullable=False),
    moment("decided_at", nullable=True),  # until then it waits for a person
    sa.Column("outcome", sa.String(20)),  # the status that the person gave it
    sa.Column("reason", sa.String(50)),  # the site's reason for a rejection
    reference("decided_by", "moderators.id", nullable=True),  # null if the site itself decided
    sa.Column("second_due", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("second_at", nullable=True),
    sa.Column("second_outcome", sa.String(20)),
    sa.Column("second_reason", sa.String(50)),
    reference("second_by", "moderators.id", nullable=True),
    sa.Index("ix_checks_site", "site_id", "drawn_at"),
    partial_index("ix_checks_waiting", "site_id", "drawn_at", where=CHECK_WAITS),
    partial_index("ix_checks_second", "site_id", "decided_at", where=SECOND_WAITS),
)
