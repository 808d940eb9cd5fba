"""Records in the audit trail what somebody changes. The core calls it in the transaction of the change, so that the
database keeps both or neither. No web page, API call or command writes to the trail itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.actors import Actor, ActorKind
from moderation.sites.audit.rows import AuditEntry


def note(
    conn: Connection,
    by: Actor,
    action: str,
    *,
    site_id: str | None,
    now: datetime,
    subject: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """``site_id`` is None for an account that works for no site. ``subject`` names, in words, the thing that was
    changed.

    Secrets belong in neither ``before`` nor ``after``.
    """
    entry = AuditEntry(
        id=new_id(),
        site_id=site_id,
        actor_kind=by.kind,
        actor_name=by.name,
        moderator_id=by.id if by.kind is ActorKind.PERSON else None,
        key_id=by.id if by.kind is ActorKind.KEY else None,
        action=action,
        subject=subject,
        before=before,
        after=after,
        created_at=now,
    )
    audit_entries.insert_entry(conn, entry)
