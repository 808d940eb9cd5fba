"""Leases on work, comments that will be scored again, and how often programs asked about spam."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.schema.columns import Id, Json, metadata, moment

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(50), primary_key=True),  # of work that only one process does at a time
    sa.Column("holder", sa.String(200), nullable=False),
    moment("until"),
    sa.Column("noted", Json),  # the last holder's findings
    moment("noted_at", nullable=True),
)

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

spam_checks = sa.Table(
    "spam_checks",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),  # 2026-11
    sa.Column("host", sa.String(253), primary_key=True),  # of the blog that the caller names
    sa.Column("spam", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ham", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("missed_spam", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("false_positives", sa.BigInteger, nullable=False, server_default="0"),
)
