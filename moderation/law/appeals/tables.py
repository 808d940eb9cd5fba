"""The table of authors' appeals."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import id_column, metadata, moment, partial_index, reference

IS_OPEN = "decided_at IS NULL"

appeals = sa.Table(
    "appeals",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id", nullable=True),  # of an appeal against a decision, as the next
    reference("decision_id", "decisions.id", nullable=True),
    reference("author_id", "authors.id"),
    reference("maker_id", "moderators.id", nullable=True),  # as ``deciders`` finds them
    sa.Column("text", sa.Text, nullable=False),  # empty once it is erased
    sa.Column("source", sa.String(10), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    moment("created_at"),
    moment("decided_at", nullable=True),  # until then it is open
    sa.Column("outcome", sa.String(20)),
    sa.Column("reason", sa.String(30)),
    sa.Column("answer", sa.Text),
    reference("moderator_id", "moderators.id", nullable=True),  # who decided the appeal
    sa.Column("by_same_person", sa.Boolean, nullable=False, server_default=sa.false()),
    reference("measure_id", "author_measures.id", nullable=True),  # of an appeal against a measure
    sa.Index("uq_appeals_decision", "decision_id", unique=True),
    sa.Index("uq_appeals_measure", "measure_id", unique=True),
    sa.Index("ix_appeals_comment", "comment_id", "id"),
    sa.Index("ix_appeals_author", "author_id", "id"),
    sa.Index("ix_appeals_site", "site_id", "created_at"),
    partial_index("ix_appeals_decided", "site_id", "decided_at", where="decided_at IS NOT NULL"),
    partial_index("ix_appeals_open", "site_id", "id", where=IS_OPEN),
)
