"""Somebody gives notice that a comment is illegal. A person reads it before all others, and until then the comment
stays where it is: no stranger takes it offline by saying so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, MoveNotAllowed, TooManyNotices
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.wording.sentences import nearest
from moderation.law.notices import letters, notifiers, places, suspending
from moderation.law.notices import pace_rows as pace
from moderation.law.notices import rows as store
from moderation.law.notices.holding import REASON
from moderation.law.notices.values import LegalNotice, NewNotice, Outcome, Place
from moderation.sites.audit.actors import SYSTEM, Actor, ActorKind
from moderation.sites.audit.writing import note
from moderation.spine.comments import rows as comments
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.events import rows as events

MOST_PER_DAY = 20
"""Notices of one reader or address within a day."""

MOST_ON_COMMENT = 20
"""Open notices of one comment, and those that repeat what was dismissed: a person reads it anyway."""


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
    """Keeps a notice and puts its comment to a person. The same id again, and the same notifier while their notice of
    this text is open or was dismissed, change nothing.

    Raises NotFound, MoveNotAllowed for a comment that readers can no longer see, NotifierSuspended and TooManyNotices.
    """
    comment = comments.lock_external(conn, site_id, new.comment_id)
    notice = _notice(comment, new, by, now)
    if (again := _by_id(conn, notice)) is not None:
        return Given(again, letters.path(conn, again), False)
    if comment.status in (CommentStatus.REJECTED, CommentStatus.WITHDRAWN):
        raise MoveNotAllowed(new.comment_id, comment.status, "reported")
    about = _about_text(conn, comment)
    if (earlier := next((other for other in about if other.notifier == notice.notifier), None)) is not None:
        return Given(earlier, letters.path(conn, earlier), False)
    suspending.refuse_suspended(conn, notice, now)
    _check_pace(conn, notice, about, now)
    dismissed = [other for other in about if other.outcome is Outcome.DISMISSED]
    repeated = next((past for past in dismissed if notifiers.says_the_same(notice.explanation, past.explanation)), None)
    if repeated is not None and comment.status is CommentStatus.PUBLISHED:
        return _answer(conn, comment, replace(notice, place=Place.SETTLED), repeated, by=by, now=now)
    dismissals = len({other.decision_id for other in dismissed})
    placing = places.placing(conn, comment, notice, dismissals=dismissals, is_repeat=repeated is not None, now=now)
    return _keep(conn, comment, replace(notice, place=placing.place, hid=placing.hides), by=by, now=now)


def _keep(conn: Connection, comment: Comment, notice: LegalNotice, *, by: Actor, now: datetime) -> Given:
    """A person answers it. Where it hides the comment, this goes offline until then."""
    _insert(conn, comment, notice, by, now)
    if notice.hid and comment.status is CommentStatus.PUBLISHED:  # the door's followers give it its place in the queue
        events.hasten(conn, comment.id, now=now)
        record(conn, Move(comment, CommentStatus.FLAGGED, now, DecidedBy.SYSTEM, (REASON,)), now=now)
    else:
        store.place(conn, comment.id, store.open_on(conn, [comment.id])[comment.id])
    events.insert_events(conn, [letters.received_event(conn, notice, now=now)])
    return Given(notice, letters.path(conn, notice), True)


def _answer(
    conn: Connection, comment: Comment, notice: LegalNotice, earlier: LegalNotice, *, by: Actor, now: datetime
) -> Given:
    """A person has dismissed these grounds on this text, and that answers the notice. The comment does not move."""
    _insert(conn, comment, notice, by, now)
    events.insert_events(conn, [letters.received_event(conn, notice, now=now)])
    answered = replace(
        notice, outcome=Outcome.DISMISSED, decision_id=earlier.decision_id, event_id=new_id(), decided_at=now
    )
    store.close(conn, answered)
    events.insert_events(conn, [letters.decided_event(conn, answered, due_at=now, now=now)])
    said = {"notice": notice.id, "outcome": answered.outcome, "decision": answered.decision_id}
    note(conn, SYSTEM, "notice.decided", site_id=comment.site_id, subject=comment.external_id, after=said, now=now)
    return Given(answered, letters.path(conn, answered), True)


def _insert(conn: Connection, comment: Comment, notice: LegalNotice, by: Actor, now: datetime) -> None:
    store.insert(conn, notice)
    said = {"notice": notice.id, "category": notice.category, "flagger": notice.flagger}
    note(conn, by, "notice.received", site_id=comment.site_id, subject=comment.external_id, after=said, now=now)


def _by_id(conn: Connection, notice: LegalNotice) -> LegalNotice | None:
    """Raises InvalidInput where the id is another notice's."""
    again = store.find(conn, notice.id)
    if again is not None and (again.comment_id != notice.comment_id or again.explanation != notice.explanation):
        raise InvalidInput(FieldProblem("id", "is the id of another notice"))
    return again


def _about_text(conn: Connection, comment: Comment) -> list[LegalNotice]:
    """The open notices of the comment, and the dismissed ones of its present text, the open ones first."""
    edited = pace.edited_at(conn, [comment.id]).get(comment.id)
    return store.standing_on(conn, comment.id, since=edited)


def _check_pace(conn: Connection, notice: LegalNotice, about: Sequence[LegalNotice], now: datetime) -> None:
    """Raises TooManyNotices. A trusted flagger has one notice of a comment, and strangers use up none of theirs."""
    if notice.is_trusted:
        return
    assert notice.notifier is not None
    since = now - timedelta(days=1)
    if pace.count_of_notifier(conn, notice.site_id, notice.notifier, since=since) >= MOST_PER_DAY:
        raise TooManyNotices(MOST_PER_DAY)
    adds_nothing = [other for other in about if other.outcome is None or other.place is Place.SETTLED]
    if sum(not other.is_trusted for other in adds_nothing) >= MOST_ON_COMMENT:
        raise TooManyNotices(MOST_ON_COMMENT, on_comment=True)


def _notice(comment: Comment, new: NewNotice, by: Actor, now: datetime) -> LegalNotice:
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
        notifier=notifiers.notifier_of(new),
        key_id=by.id if by.kind is ActorKind.KEY else None,
    )
