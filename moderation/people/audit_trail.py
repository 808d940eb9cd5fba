"""A site's audit trail: what people did to accounts, authors and the policy, and what they decided, in one line of
time. However long it is, it is read a page at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.store import audit
from moderation.store.audit import Noted
from moderation.store.database import Database, first_id_at

PAGE = 500


class Kind(StrEnum):
    ALL = "all"
    DECISIONS = "decisions"
    OTHER = "other"  # accounts, roles, marks, the policy, what was given up


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` up to but not including ``end``."""

    site_id: str
    start: datetime
    end: datetime
    kind: Kind = Kind.ALL


def page(conn: Connection, wanted: Stretch, *, before: str | None, limit: int) -> list[Noted]:
    """Newest first; ``before`` is the id of the last entry of the page above."""
    since, end = first_id_at(wanted.start), first_id_at(wanted.end)
    last = min(before, end) if before else end
    found = []
    if wanted.kind is not Kind.DECISIONS:
        found.append(audit.entries(conn, wanted.site_id, before=last, since=since, limit=limit))
    if wanted.kind is not Kind.OTHER:
        found.append(audit.decided(conn, wanted.site_id, before=last, since=since, limit=limit))
    return list(heapq.merge(*found, key=lambda noted: noted.id, reverse=True))[:limit]


def pages(db: Database, wanted: Stretch) -> Iterator[list[Noted]]:
    """All of it, a page and a transaction at a time, so that neither memory nor a snapshot grows with its length."""
    before: str | None = None
    while True:
        with db.read() as conn:
            found = page(conn, wanted, before=before, limit=PAGE)
        if found:
            yield found
        if len(found) < PAGE:
            return
        before = found[-1].id
