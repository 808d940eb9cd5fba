"""Create the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_failures",
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "moderators",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default="1", nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_used_step", sa.BigInteger(), nullable=True),
        sa.Column("preferences", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("email", name=op.f("uq_moderators_email")),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("settings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("event_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_api_keys_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_articles_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_articles_site_id_external_id")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_audit_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_audit_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_site_id", "audit", ["site_id", "id"], unique=False)
    op.create_table(
        "authors",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("standing", sa.String(length=20), server_default="normal", nullable=False),
        sa.Column("standing_reason", sa.Text(), nullable=True),
        sa.Column("standing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_authors_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_authors_site_id_external_id")),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("invited_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["moderators.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_invitations_site_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_site_id", "invitations", ["site_id", "created_at"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_memberships_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_memberships_site_id")),
        sa.PrimaryKeyConstraint("moderator_id", "site_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "policies",
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_policies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_policies")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_sessions_moderator_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_moderator_id", "sessions", ["moderator_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("toxicity", sa.Float(), nullable=True),
        sa.Column("relevance", sa.Float(), nullable=True),
        sa.Column("flagged_for", sa.String(length=50), nullable=True),
        sa.Column("priority", sa.Float(), server_default="0", nullable=False),
        sa.Column("reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_comments_article_id")),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_comments_author_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_comments_site_id_external_id")),
    )
    op.create_index(
        "ix_comments_article_listing", "comments", ["article_id", "status", "posted_at", "id"], unique=False
    )
    op.create_index("ix_comments_author_listing", "comments", ["author_id", "posted_at", "id"], unique=False)
    op.create_index(
        "ix_comments_escalated",
        "comments",
        ["site_id", "escalated_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NOT NULL"),
    )
    op.create_index("ix_comments_parent", "comments", ["parent_id"], unique=False)
    op.create_index(
        "ix_comments_queue",
        "comments",
        ["site_id", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_age",
        "comments",
        ["site_id", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_article",
        "comments",
        ["article_id", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_author",
        "comments",
        ["author_id", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_reason",
        "comments",
        ["site_id", "flagged_for", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_relevance",
        "comments",
        ["site_id", "relevance", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_queue_toxicity",
        "comments",
        ["site_id", "toxicity", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.create_index(
        "ix_comments_waiting",
        "comments",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "claims",
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_claims_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_claims_moderator_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_moderator_id", "claims", ["moderator_id"], unique=False)
    op.create_table(
        "comment_edits",
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_edits_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "version", name=op.f("pk_comment_edits")),
    )
    op.create_table(
        "fingerprint_bands",
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_fingerprint_bands_comment_id")),
        sa.PrimaryKeyConstraint("site_id", "band", "comment_id", name=op.f("pk_fingerprint_bands")),
    )
    op.create_index("ix_fingerprint_bands_comment", "fingerprint_bands", ["comment_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reporter_id", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=50), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "reporter_id", name=op.f("pk_reports")),
    )
    op.create_table(
        "scorings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("models", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_scorings_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorings")),
    )
    op.create_index("ix_scorings_comment", "scorings", ["comment_id", "id"], unique=False)
    op.create_table(
        "skips",
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_skips_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_skips_moderator_id")),
        sa.PrimaryKeyConstraint("moderator_id", "comment_id", name=op.f("pk_skips")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("status_after", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("moderator_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("scoring_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("category", sa.String(length=50), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("undoes", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_decisions_moderator_id")),
        sa.ForeignKeyConstraint(["scoring_id"], ["scorings.id"], name=op.f("fk_decisions_scoring_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id")),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.id"], name=op.f("fk_decisions_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("comment_id", "version", name=op.f("uq_decisions_comment_id_version")),
    )
    op.create_index(
        "ix_decisions_batch",
        "decisions",
        ["batch_id", "id"],
        unique=False,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index("ix_decisions_history", "decisions", ["site_id", "id"], unique=False)
    op.create_index("ix_decisions_moderator", "decisions", ["moderator_id", "id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("site_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("comment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("decision_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_events_comment_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_events_decision_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_events_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("site_id", "sequence", name=op.f("uq_events_site_id_sequence")),
    )
    op.create_index("ix_events_comment", "events", ["comment_id", "id"], unique=False)
    op.create_index(
        "ix_events_undelivered",
        "events",
        ["next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "ix_events_unreleased",
        "events",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index("uq_events_decision", "events", ["decision_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_events_decision", table_name="events")
    op.drop_index(
        "ix_events_unreleased",
        table_name="events",
        sqlite_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("sequence IS NULL AND cancelled_at IS NULL"),
    )
    op.drop_index(
        "ix_events_undelivered",
        table_name="events",
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.drop_index("ix_events_comment", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_decisions_moderator", table_name="decisions")
    op.drop_index("ix_decisions_history", table_name="decisions")
    op.drop_index(
        "ix_decisions_batch",
        table_name="decisions",
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_table("decisions")
    op.drop_table("skips")
    op.drop_index("ix_scorings_comment", table_name="scorings")
    op.drop_table("scorings")
    op.drop_table("reports")
    op.drop_index("ix_fingerprint_bands_comment", table_name="fingerprint_bands")
    op.drop_table("fingerprint_bands")
    op.drop_table("comment_edits")
    op.drop_index("ix_claims_moderator_id", table_name="claims")
    op.drop_table("claims")
    op.drop_index(
        "ix_comments_waiting",
        table_name="comments",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_comments_queue_toxicity",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue_relevance",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue_reason",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue_author",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue_article",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue_age",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index(
        "ix_comments_queue",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NULL"),
    )
    op.drop_index("ix_comments_parent", table_name="comments")
    op.drop_index(
        "ix_comments_escalated",
        table_name="comments",
        sqlite_where=sa.text("status = 'flagged' AND escalated_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'flagged' AND escalated_at IS NOT NULL"),
    )
    op.drop_index("ix_comments_author_listing", table_name="comments")
    op.drop_index("ix_comments_article_listing", table_name="comments")
    op.drop_table("comments")
    op.drop_index("ix_sessions_moderator_id", table_name="sessions")
    op.drop_index("ix_sessions_expires_at", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("policies")
    op.drop_table("memberships")
    op.drop_index("ix_invitations_site_id", table_name="invitations")
    op.drop_table("invitations")
    op.drop_table("authors")
    op.drop_index("ix_audit_site_id", table_name="audit")
    op.drop_table("audit")
    op.drop_table("articles")
    op.drop_table("api_keys")
    op.drop_table("sites")
    op.drop_table("moderators")
    op.drop_table("login_failures")
