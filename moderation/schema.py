"""The tables. Migrations in ``migrations/`` bring a database here; a test checks that both agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect

from moderation import search_tables

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases: SQLite keeps no time zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("datetimes must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
Id = sa.Uuid(as_uuid=False)
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite autoincrements INTEGER only


def _id() -> sa.Column[Any]:
    return sa.Column("id", Id, primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Id, sa.ForeignKey(target), nullable=nullable)


def _when(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


IN_QUEUE = "status = 'flagged' AND escalated_at IS NULL"
ESCALATED = "status = 'flagged' AND escalated_at IS NOT NULL"
BY_PEOPLE = "decided_by IN ('moderator', 'api')"


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    """An index of few rows of a large table, on both databases."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


sites = sa.Table(
    "sites",
    metadata,
    _id(),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("settings", Json, nullable=False),
    sa.Column("event_sequence", sa.BigInteger, nullable=False, server_default="0"),
    _when("created_at"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # sha256 of the key, which is 256 random bits
    sa.Column("scopes", Json, nullable=False),
    _when("created_at"),
    _when("expires_at", nullable=True),
    _when("revoked_at", nullable=True),
)

moderators = sa.Table(
    "moderators",
    metadata,
    _id(),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("session_epoch", sa.Integer, nullable=False, server_default="1"),  # raised to end every session
    sa.Column("totp_secret", sa.String(64)),  # base32; set once the second factor has been confirmed
    sa.Column("totp_used_step", sa.BigInteger),  # the newest time step a code was taken for, so that none works twice
    sa.Column("preferences", Json),
    _when("created_at"),
    _when("disabled_at", nullable=True),
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
    _ref("moderator_id", "moderators.id"),
    sa.Column("epoch", sa.Integer, nullable=False),
    _when("created_at"),
    _when("expires_at"),
    sa.Index("ix_sessions_moderator_id", "moderator_id"),
    sa.Index("ix_sessions_expires_at", "expires_at"),
)

login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("who", sa.String(300), primary_key=True),  # "email:…" or "address:…"
    sa.Column("failures", sa.Integer, nullable=False),
    _when("last_at"),
    _when("blocked_until", nullable=True),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # sha256 of the token in the link
    _ref("site_id", "sites.id"),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    _ref("invited_by", "moderators.id"),
    _when("created_at"),
    _when("expires_at"),
    _when("used_at", nullable=True),
    sa.Index("ix_invitations_site_id", "site_id", "created_at"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    _ref("site_id", "sites.id", nullable=True),
    _ref("moderator_id", "moderators.id", nullable=True),
    sa.Column("action", sa.String(50), nullable=False),
    sa.Column("subject", sa.Text),  # what it was done to, in words
    sa.Column("before", Json),
    sa.Column("after", Json),
    _when("created_at"),
    sa.Index("ix_audit_site_id", "site_id", "id"),
)

articles = sa.Table(
    "articles",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("section", sa.String(100)),
    sa.Column("tags", Json, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("question", sa.Text),
    sa.Column("state", sa.String(20), nullable=False),
    _when("created_at"),
    _when("updated_at"),
    sa.UniqueConstraint("site_id", "external_id"),
)

authors = sa.Table(
    "authors",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200)),
    sa.Column("published", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("standing", sa.String(20), nullable=False, server_default="normal"),
    sa.Column("standing_reason", sa.Text),
    _when("standing_until", nullable=True),
    _when("created_at"),
    sa.UniqueConstraint("site_id", "external_id"),
)

comments = sa.Table(
    "comments",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    _ref("article_id", "articles.id"),
    _ref("author_id", "authors.id"),
    _ref("parent_id", "comments.id", nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("lane", sa.String(20), nullable=False),
    sa.Column("body_digest", sa.String(64), nullable=False),  # of the body as submitted, for idempotency
    sa.Column("request_id", sa.String(64)),  # of the request that brought the text, for the logs
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("toxicity", sa.Float),  # newest scoring's, for queue order and histograms
    sa.Column("relevance", sa.Float),
    sa.Column("section", sa.String(100)),  # the article's when it was scored, for filters of the queue
    sa.Column("flagged_for", sa.String(50)),  # the first reason's signal or code while flagged
    sa.Column("priority", sa.Float, nullable=False, server_default="0"),
    sa.Column("reports", sa.Integer, nullable=False, server_default="0"),
    _when("escalated_at", nullable=True),  # a moderator asked a lead to decide
    _when("posted_at"),
    _when("received_at"),
    _when("updated_at"),
    sa.UniqueConstraint("site_id", "external_id"),
    sa.Index("ix_comments_article_listing", "article_id", "status", "posted_at", "id"),
    sa.Index("ix_comments_author_listing", "author_id", "posted_at", "id"),
    _partial("ix_comments_parent", "parent_id", "id", where="parent_id IS NOT NULL"),
    sa.Index(
        "ix_comments_waiting",
        "updated_at",
        "id",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    ),
    _partial("ix_comments_queue", "site_id", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_age", "site_id", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_reason", "site_id", "flagged_for", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_section", "site_id", "section", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_language", "site_id", "language", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_toxicity", "site_id", "toxicity", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_relevance", "site_id", "relevance", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_article", "article_id", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_queue_author", "author_id", "priority", "id", where=IN_QUEUE),
    _partial("ix_comments_escalated", "site_id", "escalated_at", "id", where=ESCALATED),
)

comment_edits = sa.Table(
    "comment_edits",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # the version that this text was replaced at
    sa.Column("text", sa.Text, nullable=False),  # as it was before the edit
    _when("replaced_at"),
)

fingerprint_bands = sa.Table(
    "fingerprint_bands",
    metadata,
    sa.Column("site_id", Id, primary_key=True),
    sa.Column("band", sa.Integer, primary_key=True),  # position and value in one number
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("fingerprint", sa.BigInteger, nullable=False),  # signed 64 bits
    sa.Index("ix_fingerprint_bands_comment", "comment_id"),
)

scorings = sa.Table(
    "scorings",
    metadata,
    _id(),
    _ref("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("signals", Json, nullable=False),
    sa.Column("models", Json, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("seconds", sa.Float, nullable=False),
    _when("created_at"),
    sa.Index("ix_scorings_comment", "comment_id", "id"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    _ref("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),  # the comment version that was decided
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("status_before", sa.String(20), nullable=False),
    sa.Column("status_after", sa.String(20), nullable=False),
    sa.Column("decided_by", sa.String(20), nullable=False),
    _ref("moderator_id", "moderators.id", nullable=True),
    sa.Column("policy_version", sa.Integer),
    _ref("scoring_id", "scorings.id", nullable=True),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("category", sa.String(50)),  # the site's reason for a rejection
    sa.Column("note", sa.Text),
    _ref("undoes", "decisions.id", nullable=True),
    sa.Column("batch_id", Id),
    _when("created_at"),
    sa.UniqueConstraint("comment_id", "version"),
    sa.Index("ix_decisions_history", "site_id", "id"),
    sa.Index("ix_decisions_moderator", "moderator_id", "id"),
    _partial("ix_decisions_people", "site_id", "id", where=BY_PEOPLE),
    _partial("ix_decisions_batch", "batch_id", "id", where="batch_id IS NOT NULL"),
    # a foreign key without an index makes the database read the whole table for each row that is deleted
    sa.Index("ix_decisions_scoring", "scoring_id"),
    _partial("ix_decisions_undoes", "undoes", where="undoes IS NOT NULL"),
)

events = sa.Table(
    "events",
    metadata,
    _id(),
    _ref("site_id", "sites.id"),
    sa.Column("sequence", sa.BigInteger),  # dense per site, set at release
    sa.Column("type", sa.String(40), nullable=False),
    _ref("comment_id", "comments.id"),
    _ref("decision_id", "decisions.id", nullable=True),
    sa.Column("payload", Json, nullable=False),
    _when("created_at"),
    _when("due_at"),
    _when("cancelled_at", nullable=True),  # undone before release: the site never hears of it
    _when("delivered_at", nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _when("next_attempt_at", nullable=True),  # NULL: delivered, given up, or the site has no webhook
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("site_id", "sequence"),
    sa.Index("ix_events_comment", "comment_id", "id"),
    sa.Index("uq_events_decision", "decision_id", unique=True),
    _partial(
        "ix_events_given_up",
        "id",
        where="attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL",
    ),
    sa.Index(
        "ix_events_unreleased",
        "due_at",
        "id",
        sqlite_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
    ),
    sa.Index(
        "ix_events_undelivered",
        "next_attempt_at",
        "id",
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    ),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("created_by", sa.String(254), nullable=False),
    _when("created_at"),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    _ref("moderator_id", "moderators.id"),
    _when("expires_at"),
    sa.Index("ix_claims_moderator_id", "moderator_id"),
)

skips = sa.Table(
    "skips",
    metadata,
    sa.Column("moderator_id", Id, sa.ForeignKey("moderators.id"), primary_key=True),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    _when("skipped_at"),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("reporter_id", sa.String(200), primary_key=True),
    sa.Column("reason", sa.String(50), nullable=False),
    sa.Column("note", sa.Text),
    _when("created_at"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(50), primary_key=True),  # of work that one process at a time does
    sa.Column("holder", sa.String(200), nullable=False),
    _when("until"),
    sa.Column("noted", Json),  # what the last holder found
    _when("noted_at", nullable=True),
)

rescores = sa.Table(
    "rescores",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("run_id", Id, nullable=False),
    sa.Column("cause", sa.String(20), nullable=False),  # "outage" | "models"
    sa.Column("changes_only", sa.Boolean, nullable=False),  # keep nothing where the outcome stays
    sa.Column("releases", sa.Boolean, nullable=False),  # publish what only the want of a score has held
    _when("requested_at"),
    sa.Index("ix_rescores_run", "run_id"),
    sa.Index("ix_rescores_requested", "requested_at", "comment_id"),
)

search_tables.attach(metadata)
