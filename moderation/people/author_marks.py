"""Marks on an author: hold all their comments, or trust them. A mark has a reason and an end, and the audit trail
records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.errors import FieldProblem, InvalidInput, NotFound
from moderation.model import Author
from moderation.people import actors, audit_writing
from moderation.store import articles
from moderation.store.database import Database
from moderation.store.sites import Moderator

MAX_REASON_CHARS = 500
LONGEST_DAYS = 366


class Standing(StrEnum):
    NORMAL = "normal"
    HOLD = "hold"  # a person decides all their comments
    TRUSTED = "trusted"  # only severe rules hold their comments: see policy.SPARED


@dataclass(frozen=True, slots=True)
class Mark:
    standing: Standing
    reason: str
    days: int | None  # None: until somebody lifts it
    keeps_end: bool = False  # the end of the mark that the author has now, instead of ``days``


def find_author(db: Database, moderator: Moderator, author_id: str) -> Author:
    """Raises NotFound if there is no such author at the moderator's sites."""
    with db.read() as conn:
        author = articles.author_by_id(conn, author_id)
    if author is None or author.site_id not in moderator.roles:
        raise NotFound("author", author_id)
    return author


def set_mark(db: Database, moderator: Moderator, author_id: str, mark: Mark, *, now: datetime) -> None:
    """Raises NotFound and InvalidInput."""
    author = find_author(db, moderator, author_id)
    reason = mark.reason.strip()
    if mark.standing is not Standing.NORMAL and not 0 < len(reason) <= MAX_REASON_CHARS:
        raise InvalidInput(FieldProblem("reason", f"say why, in 1 to {MAX_REASON_CHARS} characters"))
    if mark.days is not None and not 0 < mark.days <= LONGEST_DAYS:
        raise InvalidInput(FieldProblem("days", f"must be 1 to {LONGEST_DAYS}, or empty"))
    until = _end(mark, author, now)
    with db.write() as conn:
        before = _mark_in_trail(author.standing, articles.standing_reason(conn, author.id), author.standing_until)
        articles.set_standing(conn, author.id, mark.standing, reason or None, until)
        audit_writing.note(
            conn,
            actors.person(moderator),
            "author.marked",
            site_id=author.site_id,
            subject=author.external_id,  # never their name: the trail keeps what a reader's erasure must take away
            before=before,
            after=_mark_in_trail(mark.standing, reason or None, until),
            now=now,
        )


def _end(mark: Mark, author: Author, now: datetime) -> datetime | None:
    if mark.standing is Standing.NORMAL:
        return None
    if mark.keeps_end:
        return author.standing_until
    return now + timedelta(days=mark.days) if mark.days else None


def _mark_in_trail(standing: str, reason: str | None, until: datetime | None) -> dict[str, str | None]:
    return {"standing": standing, "reason": reason, "until": until.isoformat() if until else None}
