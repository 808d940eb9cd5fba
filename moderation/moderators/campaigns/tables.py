"""The tables of campaigns: near copies by several authors, the keys that find them, and their authors."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

LISTED_COPIES = 3  # two readers may say the same by chance

IS_LISTED = f"copies >= {LISTED_COPIES}"

IS_TREATED = "treatment IS NOT NULL"

campaigns = sa.Table(
    "campaigns",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("copies", sa.Integer, nullable=False),
    sa.Column("authors", sa.Integer, nullable=False),
    moment("first_at"),  # when the oldest copy came
    moment("last_at"),
    moment("live_until"),  # a copy that comes later begins a campaign of its own
    sa.Column("treatment", sa.String(20)),  # of further copies: publish, flag or reject
    sa.Column("treatment_reason", sa.String(50)),  # the site's reason for rejecting them
    moment("treatment_until", nullable=True),
    moment("treated_at", nullable=True),
    sa.Column(
        "seen", Json
    ),  # fingerprints of the texts, and marks, that were read before: their near copies are treated
    reference("treatment_by", "moderators.id", nullable=True),
    sa.Column("treatment_batch", Id),  # the decisions that it was made with: undoing these ends it
    partial_index("ix_campaigns_listing", "site_id", "last_at", "id", where=IS_LISTED),
    partial_index("ix_campaigns_largest", "site_id", "copies", "id", where=IS_LISTED),
    partial_index("ix_campaigns_treated", "site_id", "treatment_until", where=IS_TREATED),
)

campaign_keys = sa.Table(
    "campaign_keys",
    metadata,
    sa.Column("site_id", Id, primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    reference("campaign_id", "campaigns.id"),
    reference("comment_id", "comments.id"),  # the copy that has this fingerprint: the key goes when its text goes
    sa.Column("fingerprint", sa.BigInteger, nullable=False),  # signed 64 bits
    moment("added_at", nullable=True),
    sa.Index("ix_campaign_keys_campaign", "campaign_id"),
    sa.Index("ix_campaign_keys_comment", "comment_id"),
)

campaign_authors = sa.Table(
    "campaign_authors",
    metadata,
    sa.Column("campaign_id", Id, sa.ForeignKey("campaigns.id"), primary_key=True),
    sa.Column("author_id", Id, sa.ForeignKey("authors.id"), primary_key=True),
    sa.Column("site_id", Id, nullable=False),
    sa.Column("copies", sa.Integer, nullable=False),
    moment("last_at"),
    sa.Index("ix_campaign_authors_newest", "campaign_id", "last_at"),
    sa.Index("ix_campaign_authors_author", "author_id", "campaign_id"),
)
