"""The desk's tables: claims, skips, dismissed hints, saved views, questions, duties, owners of escalations."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, id_column, metadata, moment, partial_index, reference

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

dismissed_notices = sa.Table(
    "dismissed_notices",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("notice", sa.String(120), primary_key=True),  # its kind, its subject, and what brings it back
    moment("dismissed_at"),
)

IS_OPEN = "closed_at IS NULL"

IS_UNSEEN = "closed_at IS NOT NULL AND seen_at IS NULL"

saved_views = sa.Table(
    "saved_views",
    metadata,
    id_column(),
    reference("moderator_id", "moderators.id"),  # whose it is; of a shared one, the person who made it
    reference("site_id", "sites.id", nullable=True),  # the desk that it is shared with
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("query", sa.String(1000), nullable=False),  # the filters of the queue, as in an address
    moment("created_at"),
    moment("deleted_at", nullable=True),  # it can be brought back for a while
    sa.Index("ix_saved_views_moderator", "moderator_id", "id"),
    sa.Index("ix_saved_views_site", "site_id", "id"),
)

questions = sa.Table(
    "questions",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id"),
    reference("asker_id", "moderators.id"),
    reference("asked_id", "moderators.id"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),  # none: handed back, taken back, or the comment was decided meanwhile
    moment("created_at"),
    moment("closed_at", nullable=True),
    moment("seen_at", nullable=True),  # the asker has read the answer, or needs none any more
    sa.Index("ix_questions_comment", "comment_id", "id"),
    partial_index("ix_questions_asked", "asked_id", "id", where=IS_OPEN),
    partial_index("ix_questions_answered", "asker_id", "id", where=IS_UNSEEN),
)

escalation_owners = sa.Table(
    "escalation_owners",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    reference("site_id", "sites.id"),
    reference("moderator_id", "moderators.id"),
    moment("taken_at"),  # an escalation that came later has no owner yet
)

duties = sa.Table(
    "duties",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("reason", sa.String(50), primary_key=True),  # as in comments.flagged_for
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    moment("named_at"),
    moment("seen_at", nullable=True),  # at the desk, to a minute
    sa.Index("ix_duties_moderator", "moderator_id"),
)
