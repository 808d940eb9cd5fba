"""The tables of the people at the desks: moderators, memberships, sessions and how they log in."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.database.columns import Id, Json, id_column, metadata, moment, reference

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

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the moderator's id and the code
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
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
