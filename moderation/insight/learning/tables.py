"""The tables of learning: learnt weights and vectors."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, metadata, moment, partial_index, reference

IS_DECIDED = "decision_id IS NOT NULL"

IS_UNDECIDED = "decision_id IS NULL"

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

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    reference("site_id", "sites.id"),
    sa.Column("space", sa.String(80), nullable=False),
    sa.Column("numbers", sa.LargeBinary, nullable=False),
    sa.Column("decision_id", Id),  # of the person who decided as the comment is now; null if nobody did
    partial_index("ix_vectors_decided", "site_id", "decision_id", where=IS_DECIDED),
    partial_index("ix_vectors_undecided", "site_id", "comment_id", where=IS_UNDECIDED),
)
