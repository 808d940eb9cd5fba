"""The tables of the rule book. A row belongs to all versions from ``since`` until before ``until``."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, id_column, metadata, moment, reference

rule_books = sa.Table(
    "rule_books",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(254), nullable=False),
    moment("created_at"),
)

house_rules = sa.Table(
    "house_rules",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("since", sa.Integer, primary_key=True),
    sa.Column("until", sa.Integer),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),  # for readers
    sa.Column("guidance", sa.Text, nullable=False),  # for moderators
    sa.Column("reason", sa.String(50)),  # of a rejection, by its name
)

rule_cases = sa.Table(
    "rule_cases",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("rule_key", sa.String(40), nullable=False),
    sa.Column("since", sa.Integer, nullable=False),
    sa.Column("until", sa.Integer),
    sa.Column("must", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),  # of the article
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("source_id", Id),  # of the comment that it was taken from, which may be deleted
    sa.Column("added_by", sa.String(254), nullable=False),
    moment("added_at"),
    sa.Index("ix_rule_cases_site", "site_id", "id"),
    sa.Index("ix_rule_cases_source", "source_id"),
)

rule_test_answers = sa.Table(
    "rule_test_answers",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("case_id", Id, primary_key=True),  # of a case that the book may have no more
    sa.Column("said", sa.String(10), nullable=False),
    moment("answered_at"),
)
