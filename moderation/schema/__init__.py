"""The tables. Migrations in ``migrations/`` bring a database here; a test checks that both agree."""

from __future__ import annotations

from moderation.schema import search
from moderation.schema.accounts import (
    api_keys,
    audit,
    invitations,
    known_addresses,
    login_failures,
    memberships,
    moderators,
    policies,
    recovery_codes,
    sessions,
    sites,
    webhook_failures,
)
from moderation.schema.authors import author_measures
from moderation.schema.campaigns import campaign_authors, campaign_keys, campaigns
from moderation.schema.checks import CHECK_WAITS, SECOND_WAITS, checks
from moderation.schema.columns import metadata
from moderation.schema.conversation import (
    ENDING,
    ESCALATED,
    EVER,
    HAS_ADDRESS,
    HAS_SECTION,
    IN_CAMPAIGN,
    IN_LISTS,
    IN_QUEUE,
    IS_FEATURED,
    IS_REJECTED,
    articles,
    authors,
    comment_edits,
    comment_facts,
    comments,
    fingerprint_bands,
    published_domains,
    reports,
)
from moderation.schema.coral import coral_comments
from moderation.schema.deciding import BY_PEOPLE, claims, decisions, events, scorings, skips
from moderation.schema.desk import IS_OPEN, IS_UNSEEN, escalation_owners, questions, saved_views, watched_articles
from moderation.schema.figures import counted_days, site_figures, tallies
from moderation.schema.learning import IS_DECIDED, IS_UNDECIDED, labels, site_weights, vectors
from moderation.schema.shadows import shadow_verdicts, shadows
from moderation.schema.upkeep import leases, rescores, spam_checks

search.attach(metadata)

__all__ = [
    "BY_PEOPLE",
    "CHECK_WAITS",
    "ENDING",
    "ESCALATED",
    "EVER",
    "HAS_ADDRESS",
    "HAS_SECTION",
    "IN_CAMPAIGN",
    "IN_LISTS",
    "IN_QUEUE",
    "IS_DECIDED",
    "IS_FEATURED",
    "IS_OPEN",
    "IS_REJECTED",
    "IS_UNDECIDED",
    "IS_UNSEEN",
    "SECOND_WAITS",
    "api_keys",
    "articles",
    "audit",
    "author_measures",
    "authors",
    "campaign_authors",
    "campaign_keys",
    "campaigns",
    "checks",
    "claims",
    "comment_edits",
    "comment_facts",
    "comments",
    "coral_comments",
    "counted_days",
    "decisions",
    "escalation_owners",
    "events",
    "fingerprint_bands",
    "invitations",
    "known_addresses",
    "labels",
    "leases",
    "login_failures",
    "memberships",
    "metadata",
    "moderators",
    "policies",
    "published_domains",
    "questions",
    "recovery_codes",
    "reports",
    "rescores",
    "saved_views",
    "scorings",
    "sessions",
    "shadow_verdicts",
    "shadows",
    "site_figures",
    "site_weights",
    "sites",
    "skips",
    "spam_checks",
    "tallies",
    "vectors",
    "watched_articles",
    "webhook_failures",
]
