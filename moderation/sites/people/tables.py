"""The tables of how people come to the desks and log in there, with a password or with a provider."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, metadata, moment, reference

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the moderator's id and the code
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the cookie's 256 random bits
    reference("moderator_id", "moderators.id"),
    sa.Column("epoch", sa.Integer, nullable=False),
    moment("created_at"),
    moment("expires_at"),
    sa.Index("ix_sessions_moderator_id", "moderator_id"),
    sa.Index("ix_sessions_expires_at", "expires_at"),
)

login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("who", sa.String(300), primary_key=True),  # "pair:…", "email:…" or "address:…"
    sa.Column("failures", sa.Integer, nullable=False),
    moment("last_at"),
    moment("blocked_until", nullable=True),
)

known_addresses = sa.Table(
    "known_addresses",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the moderator's id and the address
    moment("last_at"),  # when they logged in from there
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the token in the link
    reference("site_id", "sites.id"),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    reference("invited_by", "moderators.id"),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    sa.Index("ix_invitations_site_id", "site_id", "created_at"),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(500), primary_key=True),  # of an OpenID provider
    sa.Column("subject", sa.String(255), primary_key=True),  # the provider's name for the person, which stays
    reference("moderator_id", "moderators.id"),
    moment("linked_at"),
    sa.Index("uq_identities_moderator", "moderator_id", "issuer", unique=True),
)

provider_logins = sa.Table(
    "provider_logins",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the state, which the provider sends back
    sa.Column("browser", sa.String(64), nullable=False),  # sha256 of the cookie of the browser that began
    sa.Column("address", sa.String(64), nullable=False),  # sha256 of its network address
    sa.Column("nonce", sa.String(100), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("wanted", sa.String(2000), nullable=False),  # the page to open then
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id")),  # whose account is to be connected
    moment("expires_at"),
    sa.Index("ix_provider_logins_address", "address"),
    sa.Index("ix_provider_logins_expires_at", "expires_at"),
)
