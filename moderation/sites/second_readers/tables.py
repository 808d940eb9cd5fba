"""The table of second readers. One that a site has given up stays for the readings that name it, without its key."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import id_column, metadata, moment, reference

second_readers = sa.Table(
    "second_readers",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("contract", sa.String(40), nullable=False),
    sa.Column("base_url", sa.String(2000), nullable=False),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("key", sa.Text),  # a secret: no list, page, entry or log shows it
    sa.Column("masked", sa.Boolean, nullable=False),
    sa.Column("price_in", sa.Float, nullable=False),  # euros for a million tokens
    sa.Column("price_out", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    moment("state_since"),
    moment("created_at"),
    moment("removed_at", nullable=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # calls in a row without an answer
    moment("rests_until", nullable=True),
    sa.Index("ix_second_readers_site", "site_id", "id"),
)
