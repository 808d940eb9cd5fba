"""Reads a site's audit trail: changes that somebody made, and people's decisions, in order of time. It comes page by
page, so its length does not matter."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database import paging
from moderation.ground.database.engine import Database, first_id_at
from moderation.moderators.finding import audited_decision_rows as audited_decisions
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.actors import Actor, ActorKind
from moderation.sites.audit.kinds import ACTIONS, AuditKind
from moderation.sites.audit.rows import AuditEntry, EntryFilter

__all__ = ["AuditEntry", "AuditPeriod", "actor_in_words", "actors", "page", "pages"]

PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditPeriod:
    """A period of time, from ``start`` up to but not including ``end``: of everybody, or of one person or kind of
    actor."""

    site_id: str
    start: datetime
    end: datetime
    kind: AuditKind = AuditKind.ALL
    moderator_id: str | None = None
    actor_kind: ActorKind | None = None


def page(
    conn: Connection, wanted: AuditPeriod, *, before: str | None, limit: int, folds: bool = False
) -> list[AuditEntry]:
    """Newest first; ``before`` is the id of the last entry of the previous page. ``folds`` makes each batch one
    entry."""
    since, end = first_id_at(wanted.start), first_id_at(wanted.end)
    last = min(before, end) if before else end
    choice = EntryFilter(wanted.moderator_id, wanted.actor_kind, ACTIONS.get(wanted.kind, ()))
    streams = []
    if wanted.kind is not AuditKind.DECISIONS:
        streams.append(
            audit_entries.entries(conn, wanted.site_id, before=last, since=since, limit=limit, choice=choice)
        )
    if _may_decide(wanted):
        until = end if folds else None
        streams.append(
            audited_decisions.decided(
                conn, wanted.site_id, before=last, since=since, limit=limit, choice=choice, until=until
            )
        )
    return list(heapq.merge(*streams, key=lambda entry: entry.id, reverse=True))[:limit]


def _may_decide(wanted: AuditPeriod) -> bool:
    return wanted.kind in (AuditKind.ALL, AuditKind.DECISIONS) and wanted.actor_kind in (
        None,
        ActorKind.KEY,
        ActorKind.PERSON,
    )


def pages(db: Database, wanted: AuditPeriod) -> Iterator[Sequence[AuditEntry]]:
    """The whole period."""

    def read(conn: Connection, before: str | None) -> list[AuditEntry]:
        return page(conn, wanted, before=before, limit=PAGE)

    return paging.pages(db, read, lambda entry: entry.id, size=PAGE)


def actors(conn: Connection, site_id: str) -> dict[str, str]:
    """Everybody who is in the site's trail, those who have left too: names by id."""
    return audit_entries.actors(conn, site_id)


def actor_in_words(entry: AuditEntry) -> str:
    """The one who made the change: a person by name, a key by name and id, or an operator."""
    if entry.comment_id is not None and entry.moderator_id is None:
        return "the site, by API"  # a decision does not record the key
    if entry.actor_kind is not None:
        kind = ActorKind(entry.actor_kind)
    else:
        kind = ActorKind.PERSON if entry.moderator_id else ActorKind.OPERATOR
    return str(Actor(kind, entry.actor_name or "", entry.key_id or entry.moderator_id))
