"""Create the tables of version 1.0, and full-text search beside them.

Databases from before are stamped with this revision and not changed: see
``moderation/operations/operating/migrating.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "v1.0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)

# FTS5 is keyed by integers and ids are not, and a rowid may change under VACUUM: hence the tables of numbers
_SQLITE_SEARCH = (
    "CREATE TABLE comment_numbers (number INTEGER PRIMARY KEY, comment_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE comment_search USING fts5(site, text, tokenize='unicode61 remove_diacritics 2')",
    """
    CREATE TRIGGER comment_search_insert AFTER INSERT ON comments BEGIN
      INSERT INTO comment_numbers (comment_id) VALUES (new.id);
      INSERT INTO comment_search (rowid, site, text)
        SELECT number, new.site_id, new.text FROM comment_numbers WHERE comment_id = new.id;
    END
    """,
    """
    CREATE TRIGGER comment_search_update AFTER UPDATE OF text ON comments WHEN new.text <> old.text BEGIN
      UPDATE comment_search SET text = new.text
        WHERE rowid = (SELECT number FROM comment_numbers WHERE comment_id = new.id);
    END
    """,
    """
    CREATE TRIGGER comment_search_delete AFTER DELETE ON comments BEGIN
      DELETE FROM comment_search WHERE rowid = (SELECT number FROM comment_numbers WHERE comment_id = old.id);
      DELETE FROM comment_numbers WHERE comment_id = old.id;
    END
    """,
    "CREATE INDEX ix_authors_lower_name ON authors (site_id, lower(name))",
    "CREATE INDEX ix_articles_lower_title ON articles (site_id, lower(title))",
    "CREATE TABLE author_numbers (number INTEGER PRIMARY KEY, author_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE author_search USING fts5(site, name, tokenize='unicode61 remove_diacritics 2')",
    """
    CREATE TRIGGER author_search_insert AFTER INSERT ON authors BEGIN
      INSERT INTO author_numbers (author_id) VALUES (new.id);
      INSERT INTO author_search (rowid, site, name)
        SELECT number, new.site_id, coalesce(new.name, '') FROM author_numbers WHERE author_id = new.id;
    END
    """,
    """
    CREATE TRIGGER author_search_update AFTER UPDATE OF name ON authors WHEN new.name IS NOT old.name BEGIN
      UPDATE author_search SET name = coalesce(new.name, '')
        WHERE rowid = (SELECT number FROM author_numbers WHERE author_id = new.id);
    END
    """,
    """
    CREATE TRIGGER author_search_delete AFTER DELETE ON authors BEGIN
      DELETE FROM author_search WHERE rowid = (SELECT number FROM author_numbers WHERE author_id = old.id);
      DELETE FROM author_numbers WHERE author_id = old.id;
    END
    """,
)
_POSTGRESQL_SEARCH = (
    "CREATE INDEX ix_comments_search ON comments USING gin (to_tsvector('simple', text))",
    "CREATE INDEX ix_authors_lower_name ON authors (site_id, lower(name) text_pattern_ops)",
    "CREATE INDEX ix_articles_lower_title ON articles (site_id, lower(left(title, 200)) text_pattern_ops)",
    "CREATE INDEX ix_authors_names ON authors USING gin (to_tsvector('simple', coalesce(name, '')))",
)


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("noted", _JSON, nullable=True),
        sa.Column("noted_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "login_failures",
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("blocked_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "moderators",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default="1", nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_used_step", sa.BigInteger(), nullable=True),
        sa.Column("preferences", _JSON, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("email", name=op.f("uq_moderators_email")),
    )
    op.create_table(
        "published_domains",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "domain", name=op.f("pk_published_domains")),
    )
    op.create_table(
        "sites",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("address_secret", sa.String(length=64), nullable=True),
        sa.Column("event_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_api_keys_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_table(
        "articles",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("site_state", sa.String(length=20), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_articles_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_articles_site_id_external_id")),
    )
    partial("ix_articles_section", "articles", ["site_id", "section"], "section IS NOT NULL")
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("moderator_id", _ID, nullable=True),
        sa.Column("key_id", _ID, nullable=True),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("after", _JSON, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_audit_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_audit_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_site_id", "audit", ["site_id", "id"])
    op.create_index("ix_audit_person", "audit", ["site_id", "moderator_id", "id"])
    op.create_index("ix_audit_actor_kind", "audit", ["site_id", "actor_kind", "id"])
    op.create_index("ix_audit_action", "audit", ["site_id", "action", "id"])
    op.create_table(
        "authors",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("standing", sa.String(length=20), server_default="normal", nullable=False),
        sa.Column("standing_reason", sa.Text(), nullable=True),
        sa.Column("standing_until", _MOMENT, nullable=True),
        sa.Column("registered_at", _MOMENT, nullable=True),
        sa.Column("email_domain", sa.String(length=253), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_authors_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_authors_site_id_external_id")),
    )
    partial(
        "ix_authors_ending", "authors", ["standing_until", "id"], "standing <> 'normal' AND standing_until IS NOT NULL"
    )
    op.create_table(
        "campaigns",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("live_until", _MOMENT, nullable=False),
        sa.Column("treatment", sa.String(length=20), nullable=True),
        sa.Column("treatment_reason", sa.String(length=50), nullable=True),
        sa.Column("treatment_until", _MOMENT, nullable=True),
        sa.Column("treated_at", _MOMENT, nullable=True),
        sa.Column("treatment_by", _ID, nullable=True),
        sa.Column("treatment_batch", _ID, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_campaigns_site_id")),
        sa.ForeignKeyConstraint(["treatment_by"], ["moderators.id"], name=op.f("fk_campaigns_treatment_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    partial("ix_campaigns_listing", "campaigns", ["site_id", "last_at", "id"], "copies >= 3")
    partial("ix_campaigns_treated", "campaigns", ["site_id", "treatment_until"], "treatment IS NOT NULL")
    op.create_table(
        "counted_days",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", _JSON, nullable=False),
        sa.Column("quarters", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_counted_days_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_counted_days")),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("invited_by", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["moderators.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_invitations_site_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_site_id", "invitations", ["site_id", "created_at"])
    op.create_table(
        "known_addresses",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_known_addresses_moderator_id")),
        sa.PrimaryKeyConstraint("moderator_id", "digest", name=op.f("pk_known_addresses")),
    )
    op.create_table(
        "labels",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("signal", sa.String(length=50), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("key_id", _ID, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_labels_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_index("ix_labels_site", "labels", ["site_id", "id"])
    partial("ix_labels_reference", "labels", ["site_id", "reference"], "reference IS NOT NULL")
    op.create_table(
        "memberships",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_memberships_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_memberships_site_id")),
        sa.PrimaryKeyConstraint("moderator_id", "site_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "policies",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_policies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_policies")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_recovery_codes_moderator_id")),
        sa.PrimaryKeyConstraint("moderator_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", _ID, nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_saved_views_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_saved_views_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_moderator", "saved_views", ["moderator_id", "id"])
    op.create_index("ix_saved_views_site", "saved_views", ["site_id", "id"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_sessions_moderator_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_moderator_id", "sessions", ["moderator_id"])
    op.create_table(
        "shadows",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=254), nullable=False),
        sa.Column("stopped_at", _MOMENT, nullable=True),
        sa.Column("stopped_by", sa.String(length=254), nullable=True),
        sa.Column("became", sa.Integer(), nullable=True),
        sa.Column("figures", _JSON, nullable=True),
        sa.Column("counted_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_shadows_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadows")),
    )
    op.create_index("ix_shadows_site", "shadows", ["site_id", "id"])
    partial("uq_shadows_running", "shadows", ["site_id", "name"], "stopped_at IS NULL", unique=True)
    op.create_table(
        "site_figures",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_figures_site_id")),
        sa.PrimaryKeyConstraint("site_id", "kind", name=op.f("pk_site_figures")),
    )
    op.create_table(
        "site_weights",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("signal", sa.String(length=50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("report", _JSON, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_weights_site_id")),
        sa.PrimaryKeyConstraint("site_id", "signal", "version", name=op.f("pk_site_weights")),
    )
    op.create_table(
        "spam_checks",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("spam", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ham", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("missed_spam", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("false_positives", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_spam_checks_site_id")),
        sa.PrimaryKeyConstraint("site_id", "month", "host", name=op.f("pk_spam_checks")),
    )
    op.create_table(
        "tallies",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("span", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_tallies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "span", "kind", "day", "name", "outcome", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_failures",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_webhook_failures_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_webhook_failures")),
    )
    op.create_table(
        "author_measures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=50), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("until", _MOMENT, nullable=True),
        sa.Column("about_id", _ID, nullable=True),
        sa.Column("message", _JSON, nullable=True),
        sa.Column("made_by", sa.String(length=20), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("moderator_id", _ID, nullable=True),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_author_measures_author_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_author_measures_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_author_measures_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_measures")),
    )
    op.create_index("ix_author_measures_author", "author_measures", ["author_id", "id"])
    partial("ix_author_measures_moderator", "author_measures", ["moderator_id", "id"], "moderator_id IS NOT NULL")
    op.create_table(
        "campaign_authors",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_campaign_authors_author_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_authors_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "author_id", name=op.f("pk_campaign_authors")),
    )
    op.create_index("ix_campaign_authors_newest", "campaign_authors", ["campaign_id", "last_at"])
    op.create_table(
        "comments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("parent_id", _ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("toxicity", sa.Float(), nullable=True),
        sa.Column("relevance", sa.Float(), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("flagged_for", sa.String(length=50), nullable=True),
        sa.Column("priority", sa.Float(), server_default="0", nullable=False),
        sa.Column("reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("escalated_at", _MOMENT, nullable=True),
        sa.Column("campaign_id", _ID, nullable=True),
        sa.Column("shares_only", sa.Boolean(), nullable=True),
        sa.Column("featured_at", _MOMENT, nullable=True),
        sa.Column("posted_at", _MOMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_comments_article_id")),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_comments_author_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_comments_site_id_external_id")),
    )
    op.create_index("ix_comments_article_listing", "comments", ["article_id", "status", "posted_at", "id"])
    op.create_index("ix_comments_author_listing", "comments", ["author_id", "posted_at", "id"])
    partial(
        "ix_comments_escalated",
        "comments",
        ["site_id", "escalated_at", "id"],
        "status = 'flagged' AND escalated_at IS NOT NULL",
    )
    partial(
        "ix_comments_queue", "comments", ["site_id", "priority", "id"], "status = 'flagged' AND escalated_at IS NULL"
    )
    partial("ix_comments_queue_age", "comments", ["site_id", "id"], "status = 'flagged' AND escalated_at IS NULL")
    partial(
        "ix_comments_queue_reason",
        "comments",
        ["site_id", "flagged_for", "priority", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial(
        "ix_comments_queue_relevance",
        "comments",
        ["site_id", "relevance", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial(
        "ix_comments_queue_toxicity",
        "comments",
        ["site_id", "toxicity", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial("ix_comments_waiting", "comments", ["updated_at", "id"], "status = 'waiting'")
    partial("ix_comments_parent", "comments", ["parent_id", "id"], "parent_id IS NOT NULL")
    partial(
        "ix_comments_queue_section",
        "comments",
        ["site_id", "section", "priority", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial(
        "ix_comments_queue_language",
        "comments",
        ["site_id", "language", "priority", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial("ix_comments_site", "comments", ["site_id", "id"], "version > 0")
    partial("ix_comments_waiting_site", "comments", ["site_id", "updated_at", "id"], "status = 'waiting'")
    partial(
        "ix_comments_queue_article",
        "comments",
        ["site_id", "article_id", "priority", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial(
        "ix_comments_queue_author",
        "comments",
        ["site_id", "author_id", "priority", "id"],
        "status = 'flagged' AND escalated_at IS NULL",
    )
    partial("ix_comments_replies", "comments", ["parent_id", "status", "posted_at", "id"], "parent_id IS NOT NULL")
    partial("ix_comments_article_replies", "comments", ["article_id", "status", "parent_id"], "parent_id IS NOT NULL")
    partial("ix_comments_site_listing", "comments", ["site_id", "status", "posted_at", "id"], "version >= 1")
    op.create_index("ix_comments_author_arrival", "comments", ["author_id", "received_at"])
    partial("ix_comments_campaign", "comments", ["campaign_id", "status", "id"], "campaign_id IS NOT NULL")
    partial("ix_comments_author_rejected", "comments", ["author_id", "updated_at"], "status = 'rejected'")
    partial("ix_comments_featured", "comments", ["site_id", "posted_at", "id"], "featured_at IS NOT NULL")
    partial("ix_comments_article_featured", "comments", ["article_id", "posted_at", "id"], "featured_at IS NOT NULL")
    op.create_table(
        "watched_articles",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("watched_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_watched_articles_article_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_watched_articles_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_watched_articles_site_id")),
        sa.PrimaryKeyConstraint("moderator_id", "article_id", name=op.f("pk_watched_articles")),
    )
    op.create_table(
        "campaign_keys",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_keys_campaign_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_campaign_keys_comment_id")),
        sa.PrimaryKeyConstraint("site_id", "key", name=op.f("pk_campaign_keys")),
    )
    op.create_index("ix_campaign_keys_campaign", "campaign_keys", ["campaign_id"])
    op.create_index("ix_campaign_keys_comment", "campaign_keys", ["comment_id"])
    op.create_table(
        "checks",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("models", _JSON, nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("groups", _JSON, nullable=False),
        sa.Column("is_new_author", sa.Boolean(), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=50), nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("second_due", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("second_at", _MOMENT, nullable=True),
        sa.Column("second_outcome", sa.String(length=20), nullable=True),
        sa.Column("second_reason", sa.String(length=50), nullable=True),
        sa.Column("second_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_checks_comment_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["moderators.id"], name=op.f("fk_checks_decided_by")),
        sa.ForeignKeyConstraint(["second_by"], ["moderators.id"], name=op.f("fk_checks_second_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_checks_site_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_site", "checks", ["site_id", "drawn_at"])
    partial("ix_checks_waiting", "checks", ["site_id", "drawn_at"], "decided_at IS NULL")
    partial("ix_checks_second", "checks", ["site_id", "decided_at"], "second_due AND second_at IS NULL")
    op.create_table(
        "claims",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_claims_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_claims_moderator_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_moderator_id", "claims", ["moderator_id"])
    op.create_table(
        "comment_edits",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replaced_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_edits_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "version", name=op.f("pk_comment_edits")),
    )
    op.create_table(
        "comment_facts",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("typed_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_facts_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_comment_facts")),
    )
    partial("ix_comment_facts_address", "comment_facts", ["site_id", "address", "comment_id"], "address IS NOT NULL")
    partial("ix_comment_facts_age", "comment_facts", ["comment_id"], "address IS NOT NULL")
    op.create_table(
        "coral_comments",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("told", sa.String(length=20), nullable=False),
        sa.Column("coral_id", sa.String(length=100), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_coral_comments_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_coral_comments_site_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_coral_comments")),
    )
    partial("ix_coral_comments_coral", "coral_comments", ["site_id", "coral_id"], "coral_id IS NOT NULL")
    partial("ix_coral_comments_due", "coral_comments", ["site_id", "next_attempt_at"], "next_attempt_at IS NOT NULL")
    op.create_table(
        "escalation_owners",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_escalation_owners_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_escalation_owners_moderator_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_escalation_owners_site_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_escalation_owners")),
    )
    op.create_table(
        "fingerprint_bands",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_fingerprint_bands_comment_id")),
        sa.PrimaryKeyConstraint("site_id", "band", "comment_id", name=op.f("pk_fingerprint_bands")),
    )
    op.create_index("ix_fingerprint_bands_comment", "fingerprint_bands", ["comment_id"])
    op.create_table(
        "questions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("asker_id", _ID, nullable=False),
        sa.Column("asked_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["asked_id"], ["moderators.id"], name=op.f("fk_questions_asked_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["moderators.id"], name=op.f("fk_questions_asker_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_questions_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_questions_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index("ix_questions_comment", "questions", ["comment_id", "id"])
    partial("ix_questions_asked", "questions", ["asked_id", "id"], "closed_at IS NULL")
    partial("ix_questions_answered", "questions", ["asker_id", "id"], "closed_at IS NOT NULL AND seen_at IS NULL")
    op.create_table(
        "reports",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("reporter_id", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=50), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "reporter_id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_reporter", "reports", ["reporter_id", "comment_id"])
    op.create_table(
        "rescores",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("changes_only", sa.Boolean(), nullable=False),
        sa.Column("releases", sa.Boolean(), nullable=False),
        sa.Column("requested_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_rescores_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_rescores")),
    )
    op.create_index("ix_rescores_run", "rescores", ["run_id"])
    op.create_index("ix_rescores_requested", "rescores", ["requested_at", "comment_id"])
    op.create_table(
        "scorings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signals", _JSON, nullable=False),
        sa.Column("models", _JSON, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_scorings_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorings")),
    )
    op.create_index("ix_scorings_comment", "scorings", ["comment_id", "id"])
    op.create_table(
        "shadow_verdicts",
        sa.Column("shadow_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("policy_action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=50), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("judged", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_shadow_verdicts_comment_id")),
        sa.ForeignKeyConstraint(["shadow_id"], ["shadows.id"], name=op.f("fk_shadow_verdicts_shadow_id")),
        sa.PrimaryKeyConstraint("shadow_id", "comment_id", name=op.f("pk_shadow_verdicts")),
    )
    op.create_index("ix_shadow_verdicts_comment", "shadow_verdicts", ["comment_id"])
    partial("ix_shadow_verdicts_differ", "shadow_verdicts", ["shadow_id", "comment_id"], "action <> policy_action")
    op.create_table(
        "skips",
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("skipped_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_skips_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_skips_moderator_id")),
        sa.PrimaryKeyConstraint("moderator_id", "comment_id", name=op.f("pk_skips")),
    )
    op.create_table(
        "vectors",
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("space", sa.String(length=80), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("decision_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_vectors_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_vectors_site_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_vectors")),
    )
    partial("ix_vectors_decided", "vectors", ["site_id", "decision_id"], "decision_id IS NOT NULL")
    partial("ix_vectors_undecided", "vectors", ["site_id", "comment_id"], "decision_id IS NULL")
    op.create_table(
        "decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("status_after", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("moderator_id", _ID, nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("scoring_id", _ID, nullable=True),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("category", sa.String(length=50), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("undoes", _ID, nullable=True),
        sa.Column("batch_id", _ID, nullable=True),
        sa.Column("featured", sa.Boolean(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_decisions_moderator_id")),
        sa.ForeignKeyConstraint(["scoring_id"], ["scorings.id"], name=op.f("fk_decisions_scoring_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id")),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.id"], name=op.f("fk_decisions_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("comment_id", "version", name=op.f("uq_decisions_comment_id_version")),
    )
    partial("ix_decisions_batch", "decisions", ["batch_id", "id"], "batch_id IS NOT NULL")
    op.create_index("ix_decisions_history", "decisions", ["site_id", "id"])
    op.create_index("ix_decisions_moderator", "decisions", ["moderator_id", "id"])
    op.create_index("ix_decisions_scoring", "decisions", ["scoring_id"])
    partial("ix_decisions_undoes", "decisions", ["undoes"], "undoes IS NOT NULL")
    partial("ix_decisions_people", "decisions", ["site_id", "id"], "decided_by IN ('moderator', 'api')")
    partial("ix_decisions_person", "decisions", ["site_id", "moderator_id", "id"], "moderator_id IS NOT NULL")
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("comment_id", _ID, nullable=True),
        sa.Column("author_id", _ID, nullable=True),
        sa.Column("decision_id", _ID, nullable=True),
        sa.Column("payload", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("cancelled_at", _MOMENT, nullable=True),
        sa.Column("delivered_at", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_events_author_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_events_comment_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_events_decision_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_events_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("site_id", "sequence", name=op.f("uq_events_site_id_sequence")),
    )
    op.create_index("uq_events_decision", "events", ["decision_id"], unique=True)
    partial("ix_events_unreleased", "events", ["due_at", "id"], "sequence IS NULL AND cancelled_at IS NULL")
    partial(
        "ix_events_given_up",
        "events",
        ["site_id", "id"],
        "attempts > 0 AND delivered_at IS NULL AND next_attempt_at IS NULL",
    )
    op.create_index("ix_events_comment", "events", ["comment_id", "id"])
    partial("ix_events_undelivered", "events", ["next_attempt_at", "id"], "next_attempt_at IS NOT NULL")
    partial("ix_events_author", "events", ["author_id", "id"], "author_id IS NOT NULL")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_SEARCH if is_sqlite else _POSTGRESQL_SEARCH:
        op.execute(statement)


def partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("there is no version before the first: restore a backup instead")
