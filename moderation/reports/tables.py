"""The table of readers' reports."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.database.columns import Id, metadata, moment

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("reporter_id", sa.String(200), primary_key=True),
    sa.Column("reason", sa.String(50), nullable=False),
    sa.Column("note", sa.Text),
    moment("created_at"),
    sa.Index("ix_reports_reporter", "reporter_id", "comment_id"),
)
