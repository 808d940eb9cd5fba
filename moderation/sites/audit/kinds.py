"""The kinds of entries that the audit trail has, and the groups by which people look for them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class AuditKind(StrEnum):
    ALL = "all"
    DECISIONS = "decisions"
    OTHER = "other"  # everything but the decisions
    POLICY = "policy"
    PEOPLE = "people"
    SESSIONS = "sessions"
    AUTHORS = "authors"
    SITE = "site"
    CAMPAIGNS = "campaigns"
    APPEALS = "appeals"
    NOTICES = "notices"
    UPKEEP = "upkeep"


ACTIONS: Mapping[AuditKind, tuple[str, ...]] = {
    AuditKind.POLICY: (
        "comment.labelled",
        "model.put_back",
        "policy.saved",
        "rules.saved",
        "second_reader.connected",
        "second_reader.examined",
        "second_reader.moved",
        "second_reader.removed",
        "second_reader.replayed",
        "second_reader.stopped",
        "shadow.started",
        "shadow.stopped",
        "shadow.switched_on",
        "weights.learnt",
        "weights.put_back",
    ),
    AuditKind.PEOPLE: (
        "account.connected",
        "account.created",
        "account.disconnected",
        "account.linked",
        "account.disabled",
        "account.provided",
        "account.reset",
        "account.unlinked",
        "duty.ended",
        "duty.set",
        "invitation.withdrawn",
        "password.changed",
        "person.grouped",
        "person.invited",
        "person.joined",
        "person.kept",
        "person.role",
        "recovery_codes.renewed",
        "second_factor.off",
        "second_factor.on",
    ),
    AuditKind.SESSIONS: (
        "recovery_code.used",
        "session.all_ended",
        "session.ended",
        "session.no_group",
        "session.started",
    ),
    AuditKind.AUTHORS: ("author.erased", "author.marked"),
    AuditKind.SITE: (
        "alert.added",
        "alert.removed",
        "alert.tested",
        "article.state",
        "key.created",
        "key.revoked",
        "key.rotated",
        "mode.ended",
        "mode.started",
        "reader_secret.created",
        "reader_secret.revoked",
        "reader_secret.rotated",
        "site.created",
        "site.settings",
        "site.texts",
        "view.deleted",
        "view.renamed",
        "view.restored",
        "view.shared",
        "webhook.tested",
    ),
    AuditKind.CAMPAIGNS: ("campaign.treated", "campaign.treatment_ended"),
    AuditKind.APPEALS: ("appeal.overturned", "appeal.upheld"),
    AuditKind.NOTICES: ("notice.decided", "notice.received", "notifier.suspended", "notifier.suspension_ended"),
    AuditKind.UPKEEP: (
        "database.restored",
        "dead_letter.tried_again",
        "history.imported",
        "rescoring.begun",
        "rescoring.resumed",
        "retention.begun",
        "retention.deleted",
        "retention.erased",
    ),
}
"""Every action that is noted at a site, in exactly one group. Decisions are rows of their own."""
