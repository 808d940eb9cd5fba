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
    sessions,
    sites,
    webhook_failures,
)
from moderation.schema.columns import metadata
from moderation.schema.conversation import (
    ESCALATED,
    EVER,
    IN_LISTS,
    IN_QUEUE,
    articles,
    authors,
    comment_edits,
    comments,
    fingerprint_bands,
    reports,
)
from moderation.schema.deciding import BY_PEOPLE, claims, decisions, events, scorings, skips
from moderation.schema.learning import site_weights
from moderation.schema.upkeep import leases, rescores

search.attach(metadata)

__all__ = [
    "BY_PEOPLE",
    "ESCALATED",
    "EVER",
    "IN_LISTS",
    "IN_QUEUE",
    "api_keys",
    "articles",
    "audit",
    "authors",
    "claims",
    "comment_edits",
    "comments",
    "decisions",
    "events",
    "fingerprint_bands",
    "invitations",
    "known_addresses",
    "leases",
    "login_failures",
    "memberships",
    "metadata",
    "moderators",
    "policies",
    "reports",
    "rescores",
    "scorings",
    "sessions",
    "site_weights",
    "sites",
    "skips",
    "webhook_failures",
]
