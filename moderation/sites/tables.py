"""The tables of sites: keys, secrets, policies, moderators and own texts, and the last failure of each webhook."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, reference

sites = sa.Table(
    "sites",
    metadata,
    id_column(),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("settings", Json, nullable=False),
    sa.Column("address_secret", sa.String(64)),  # keys the digests of readers' addresses; made when the first one comes
    sa.Column("event_sequence", sa.BigInteger, nullable=False, server_default="0"),
    moment("created_at"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # sha256 of the key, which is 256 random bits
    sa.Column("scopes", Json, nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
)

reader_secrets = sa.Table(
    "reader_secrets",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("secret", sa.String(64), nullable=False),  # not a digest: to check an HMAC takes the secret
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
    sa.Index("ix_reader_secrets_site", "site_id", "id"),
)

webhook_failures = sa.Table(
    "webhook_failures",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("error", sa.Text, nullable=False),
    moment("failed_at"),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("created_by", sa.String(254), nullable=False),
    moment("created_at"),
)

moderators = sa.Table(
    "moderators",
    metadata,
    id_column(),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("session_epoch", sa.Integer, nullable=False, server_default="1"),  # raised to end every session
    sa.Column("totp_secret", sa.String(64)),  # base32; set once the second factor has been confirmed
    sa.Column("totp_used_step", sa.BigInteger),  # the newest time step of an accepted code, so that no code works twice
    sa.Column("preferences", Json),
    moment("created_at"),
    moment("disabled_at", nullable=True),
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
)

site_texts = sa.Table(
    "site_texts",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("language", sa.String(2), primary_key=True),
    sa.Column("texts", Json, nullable=False),  # to readers, by id: those that the site words itself
)
