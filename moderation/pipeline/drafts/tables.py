"""The table that counts how often programs asked whether a text is spam."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, metadata

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
