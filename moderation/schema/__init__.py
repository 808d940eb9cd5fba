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
from moderation.schema.campaigns import campaign_authors, campaign_keys, campaigns
from moderation.schema.columns import metadata
from moderation.schema.conversation import (
    ESCALATED,
    EVER,
    HAS_ADDRESS,
    IN_CAMPAIGN,
    IN_LISTS,
    IN_QUEUE,
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
from moderation.schema.learning import IS_DECIDED, IS_UNDECIDED, labels, site_weights, vectors
from moderation.schema.upkeep import leases, rescores, spam_checks

search.attach(metadata)

__all__ = [
    "BY_PEOPLE",
    "ESCALATED",
    "EVER",
    "HAS_ADDRESS",
    "IN_CAMPAIGN",
    "IN_LISTS",
    "IN_QUEUE",
    "IS_DECIDED",
    "IS_UNDECIDED",
    "api_keys",
    "articles",
    "audit",
    "authors",
    "campaign_authors",
    "campaign_keys",
    "campaigns",
    "claims",
    "comment_edits",
    "comment_facts",
    "comments",
    "coral_comments",
    "decisions",
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
    "recovery_codes",
    "reports",
    "rescores",
    "scorings",
    "sessions",
    "site_weights",
    "sites",
    "skips",
    "spam_checks",
    "vectors",
    "webhook_failures",
]
