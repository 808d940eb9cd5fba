"""Reads a site's audit trail: changes that somebody made, and people's decisions, in order of time. It comes page by
page, so its length does not matter."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.people.actors import Actor, ActorKind
from moderation.store import audit_entries
from moderation.store.audit_entries import AuditEntry
from moderation.store.database import Database, first_id_at

PAGE = 500


class Kind(StrEnum):
    ALL = "all"
    DECISIONS = "decisions"
    OTHER = "other"  # accounts, roles, marks, settings, keys, the policy, dead letters


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period of time, from ``start`` up to but not including ``end``."""

    site_id: str
    start: datetime
    end: datetime
    kind: Kind = Kind.ALL


def page(conn: Connection, wanted: Stretch, *, before: str | None, limit: int) -> list[AuditEntry]:
    """Newest first; ``before`` is the id of the last entry of the previous page."""
    since, end = first_id_at(wanted.start), first_id_at(wanted.end)
    last = min(before, end) if before else end
    found = []
    if wanted.kind is not Kind.DECISIONS:
        found.append(audit_entries.entries(conn, wanted.site_id, before=last, since=since, limit=limit))
    if wanted.kind is not Kind.OTHER:
        found.append(audit_entries.decided(conn, wanted.site_id, before=last, since=since, limit=limit))
    return list(heapq.merge(*found, key=lambda entry: entry.id, reverse=True))[:limit]


def pages(db: Database, wanted: Stretch) -> Iterator[list[AuditEntry]]:
    """The whole period, with one page per transaction, so that a long trail fills neither memory nor a database
    snapshot."""
    before: str | None = None
    while True:
        with db.read() as conn:
            found = page(conn, wanted, before=before, limit=PAGE)
        if found:
            yield found
        if len(found) < PAGE:
            return
        before = found[-1].id


def actor_in_words(entry: AuditEntry) -> str:
    """The one who made the change: a person by name, a key by name and id, or an operator."""
    if entry.comment_id is not None and entry.moderator_id is None:
        return "the site, by API"  # a decision does not record the key
    if entry.actor_kind is not None:
        kind = ActorKind(entry.actor_kind)
    else:
        kind = ActorKind.PERSON if entry.moderator_id else ActorKind.OPERATOR
    return str(Actor(kind, entry.actor_name or "", entry.key_id or entry.moderator_id))
