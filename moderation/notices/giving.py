"""Somebody gives notice that a comment is illegal. The comment goes to a person, before all others; until then readers
do not see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.comments import rows as comments
from moderation.comments.door import record
from moderation.comments.moves import Move
from moderation.database.engine import Database, new_id
from moderation.errors import FieldProblem, InvalidInput, MoveNotAllowed, TooManyNotices
from moderation.events import rows as events
from moderation.notices import letters
from moderation.notices import rows as store
from moderation.notices.holding import REASON
from moderation.notices.values import LegalNotice, NewNotice
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.values.comments import Comment
from moderation.values.statuses import CommentStatus, DecidedBy
from moderation.wording.sentences import nearest

MOST_PER_DAY = 20
"""Notices of one reader within a day. Each takes a comment offline until a person has read it."""


@dataclass(frozen=True, slots=True)
class Given:
    notice: LegalNotice
    path: str  # of its page, behind the address of this Gavel
    is_new: bool


def give(db: Database, site_id: str, new: NewNotice, *, by: Actor, now: datetime) -> Given:
    """As ``give_in``, in a transaction of its own."""
    with db.write() as conn:
        return give_in(conn, site_id, new, by=by, now=now)


def give_in(conn: Connection, site_id: str, new: NewNotice, *, by: Actor, now: datetime) -> Given:
    """Keeps a notice and puts its comment to a person. The same id again, or the same reader while their notice is
    open, changes nothing.

    Raises NotFound, MoveNotAllowed for a comment that readers can no longer see, and TooManyNotices.
    """
    comment = comments.lock_external(conn, site_id, new.comment_id)
    if (earlier := _earlier(conn, comment, new)) is not None:
        return Given(earlier, letters.path(conn, earlier), False)
    if comment.status in (CommentStatus.REJECTED, CommentStatus.WITHDRAWN):
        raise MoveNotAllowed(new.comment_id, comment.status, "reported")
    _check_pace(conn, site_id, new, now)
    notice = _notice(comment, new, now)
    store.insert(conn, notice)
    said = {"notice": notice.id, "category": notice.category, "flagger": notice.flagger}
    note(conn, by, "notice.received", site_id=site_id, subject=new.comment_id, after=said, now=now)
    if comment.status is CommentStatus.PUBLISHED:  # the door's followers give it its place in the queue
        events.hasten(conn, comment.id, now=now)
        move = Move(comment, CommentStatus.FLAGGED, now, DecidedBy.SYSTEM, (REASON,))
        record(conn, move, now=now)
    else:
        store.place(conn, comment.id, store.open_on(conn, [comment.id])[comment.id])
    events.insert_events(conn, [letters.received_event(conn, notice, now=now)])
    return Given(notice, letters.path(conn, notice), True)


def _earlier(conn: Connection, comment: Comment, new: NewNotice) -> LegalNotice | None:
    """Raises InvalidInput where the id is another notice's."""
    found = store.find(conn, new.id) if new.id else None
    if found is not None and (found.comment_id != comment.id or found.explanation != new.explanation):
        raise InvalidInput(FieldProblem("id", "is the id of another notice"))
    if found is None and new.reader_id is not None:
        return store.by_reader(conn, comment.id, new.reader_id)
    return found


def _check_pace(conn: Connection, site_id: str, new: NewNotice, now: datetime) -> None:
    if new.reader_id is None or new.flagger is not None:
        return
    if store.count_of_reader(conn, site_id, new.reader_id, since=now - timedelta(days=1)) >= MOST_PER_DAY:
        raise TooManyNotices(MOST_PER_DAY)


def _notice(comment: Comment, new: NewNotice, now: datetime) -> LegalNotice:
    return LegalNotice(
        id=new.id or new_id(),
        site_id=comment.site_id,
        comment_id=comment.id,
        explanation=new.explanation,
        category=new.category,
        language=nearest(new.language or comment.language),
        received_at=now,
        name=new.name,
        email=new.email,
        reader_id=new.reader_id,
        flagger=new.flagger,
    )
