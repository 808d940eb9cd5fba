"""Measures about authors: warn, hold, suspend, ban, trust and restore, each with a reason that the author may read, an
end and an undo. The site hears of each by an event; the audit trail and the author's history keep it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import AuthorSilenced, FieldProblem, InvalidInput, MeasureFollowed, NotFound
from moderation.ground.values.authors import Author
from moderation.ground.values.events import Event
from moderation.ground.values.measures import MAX_DAYS, MAX_REASON_CHARS, MAY_END, Measure, Standing
from moderation.law.measure_appeals import following as appeals
from moderation.law.statements import measure_statements
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.authors import events as author_events
from moderation.moderators.authors import mark_ends
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors import messages as author_messages
from moderation.moderators.authors.measure_rows import AuthorMark, TakenMeasure
from moderation.moderators.authors.messages import About
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor, ActorKind
from moderation.sites.rows import Moderator
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.events import rows as events

MAX_NOTE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class MeasureWish:
    """A measure that somebody wants to take. It ends after ``days`` or at ``until``; without both, when somebody ends
    it."""

    measure: Measure
    reason: str = ""  # the author may read it
    rejection_reason: str | None = None  # one of the site's reasons, whose message goes with it
    days: int | None = None
    until: datetime | None = None
    keeps_end: bool = False  # the end of the mark that the author has now
    about_id: str | None = None  # the comment, by our id
    note: str | None = None  # for moderators only
    language: str | None = None  # of the message; else that of the author's comments


def find_author(db: Database, moderator: Moderator, author_id: str) -> Author:
    """Raises NotFound if there is no such author at the moderator's sites."""
    with db.read() as conn:
        author = articles.author_by_id(conn, author_id)
    if author is None or author.site_id not in moderator.roles:
        raise NotFound("author", author_id)
    return author


def take(
    db: Database, moderator: Moderator, author_id: str, wish: MeasureWish, *, now: datetime, due_at: datetime
) -> TakenMeasure:
    """The site hears of it at ``due_at``, and never if it is undone before. Raises NotFound and InvalidInput."""
    author = find_author(db, moderator, author_id)
    with db.write() as conn:
        return take_in(conn, author.id, wish, by=actors.person(moderator), now=now, due_at=due_at)


def take_in(
    conn: Connection, author_id: str, wish: MeasureWish, *, by: Actor, now: datetime, due_at: datetime
) -> TakenMeasure:
    """As ``take``, in the caller's transaction, by a person, a key or the site's ladder."""
    author, before = author_measures.lock(conn, author_id)
    before = mark_ends.in_force(conn, author.id, before, now)
    details = sites.get_site(conn, author.site_id).settings
    reason, until = wish.reason.strip() or None, _end(wish, before, now)
    _check(conn, author, wish, before, until, details.rejection_reasons, now)
    language = wish.language or _language(conn, author.id, wish.about_id)
    speaker = own_texts.speaker(conn, author.site_id)
    about = About(wish.measure, until, reason, wish.rejection_reason, author.name)
    taken = TakenMeasure(
        id=new_id(),
        site_id=author.site_id,
        author_id=author.id,
        measure=wish.measure,
        made_by=by.kind,
        created_at=now,
        before=before,
        reason=reason,
        rejection_reason=wish.rejection_reason,
        note=(wish.note or "").strip() or None,
        until=until,
        about_id=wish.about_id,
        message=author_messages.compose(details.reason_details, about, language, speaker=speaker),
        actor_name=by.name or None,
        moderator_id=by.id if by.kind is ActorKind.PERSON else None,
    )
    standing = wish.measure.standing
    after = before if standing is None else AuthorMark(standing, reason or wish.rejection_reason, until)
    after = AuthorMark() if standing is Standing.NORMAL else after
    author_measures.set_mark(conn, author.id, after)
    author_measures.insert(conn, taken)
    if standing is not None:
        appeals.settle(conn, author.id, now=now, due_at=due_at)
    events.insert_events(conn, [author_events.taken(conn, author, taken, after, due_at)])
    _note(conn, by, author, before, after, now, measure=wish.measure)
    return taken


def undo(db: Database, moderator: Moderator, measure_id: str, *, now: datetime) -> TakenMeasure:
    """Undoes the newest measure about an author: the mark that held before holds again, unless it is over. The site
    hears of it only if it has heard of the measure. Raises NotFound and MeasureFollowed."""
    with db.write() as conn:
        taken = author_measures.find(conn, measure_id)
        if taken is None or taken.site_id not in moderator.roles:
            raise NotFound("measure", measure_id)
        return undo_in(conn, taken, by=actors.person(moderator), now=now)


def undo_in(conn: Connection, taken: TakenMeasure, *, by: Actor, now: datetime) -> TakenMeasure:
    """As ``undo``, in the caller's transaction."""
    author, before = author_measures.lock(conn, taken.author_id)
    newest = author_measures.newest(conn, author.id)
    if newest is None or newest.id != taken.id:
        raise MeasureFollowed(taken.id)
    after = before if taken.measure is Measure.WARN else mark_ends.in_force(conn, author.id, taken.before, now)
    undone = _undone(conn, author, taken, before, after, by=by, now=now)
    if taken.measure is not Measure.WARN:
        appeals.settle(conn, author.id, now=now, due_at=now)
        holding = author_measures.marking(conn, author.id, limit=1)
        for measure in holding:
            appeals.reopen(conn, measure.id)
    return undone


def lift_in(conn: Connection, measure_id: str, moderator: Moderator, now: datetime) -> TakenMeasure:
    """Undoes a measure whose appeal was granted, though a warning has followed it or its time is over. Raises
    MeasureFollowed for one that was undone or changed."""
    taken = author_measures.find(conn, measure_id)
    assert taken is not None  # its appeal goes with it
    author, before = author_measures.lock(conn, taken.author_id)
    is_newest = [measure.id for measure in author_measures.marking(conn, author.id, limit=1)] == [taken.id]
    is_over = taken.until is not None and taken.until <= now
    if taken.undone_at is not None or not (is_newest or is_over):
        raise MeasureFollowed(taken.id)
    after = mark_ends.in_force(conn, author.id, taken.before if is_newest else before, now)
    return _undone(conn, author, taken, before, after, by=actors.person(moderator), now=now)


def _undone(
    conn: Connection,
    author: Author,
    taken: TakenMeasure,
    before: AuthorMark,
    after: AuthorMark,
    *,
    by: Actor,
    now: datetime,
) -> TakenMeasure:
    author_measures.mark_undone(conn, taken.id, by=str(by), now=now)
    author_measures.set_mark(conn, author.id, after)
    if appeals.was_appealed(conn, taken.id) or not events.cancel(conn, taken.id, now=now):
        language = taken.message.language if taken.message else None
        message = author_messages.restored(language, taken.measure, speaker=own_texts.speaker(conn, author.site_id))
        events.insert_events(conn, [author_events.undone(conn, author, taken, after, message, now)])
    _note(conn, by, author, before, after, now, undid=taken.measure)
    return replace(taken, undone_at=now, undone_by=str(by))


def refuse_silenced(conn: Connection, author: Author, *, now: datetime) -> None:
    """Raises AuthorSilenced for a new comment by somebody who is suspended or banned at this moment."""
    if not author.is_silenced(now):
        return
    measure = author_measures.behind(conn, author.id, author.standing)
    message = {"language": m.language, "text": m.text} if measure and (m := measure.message) else None
    page = measure_statements.path(conn, author.site_id, measure.id, now=now) if measure else None
    raise AuthorSilenced(author.external_id, author.standing, author.standing_until, message, page)


def end_marks(db: Database, *, now: datetime, limit: int = 100) -> set[str]:
    """Ends the marks whose time is over, and lets the sites know. After a suspension an earlier hold that still lasts
    holds again. Returns the ids of those sites."""
    with db.read() as conn:
        over = author_measures.marks_over(conn, now, limit=limit)
    ended = set()
    for author_id in over:
        with db.write() as conn:
            author, mark = author_measures.lock(conn, author_id)
            after = mark_ends.in_force(conn, author_id, mark, now)
            if not author_measures.end_mark(conn, author_id, after, now):
                continue  # somebody has set another one since
            events.insert_events(conn, [_end_event(conn, author, mark, after, now)])
            ended.add(author.site_id)
    return ended


def _end_event(conn: Connection, author: Author, mark: AuthorMark, after: AuthorMark, now: datetime) -> Event:
    """About the hold that holds again, or else about the measure that has ended."""
    if after.standing is not Standing.NORMAL:
        set_by = author_measures.behind(conn, author.id, after.standing)
        return author_events.ended(conn, author, set_by, after, set_by.message if set_by else None, now)
    set_by = author_measures.behind(conn, author.id, mark.standing)
    language = set_by.message.language if set_by and set_by.message else None
    was = Measure.TRUST if mark.standing is Standing.TRUSTED else Measure.HOLD
    message = author_messages.restored(language, was, speaker=own_texts.speaker(conn, author.site_id))
    return author_events.ended(conn, author, set_by, after, message, now)


def _end(wish: MeasureWish, before: AuthorMark, now: datetime) -> datetime | None:
    if wish.keeps_end:
        return before.until
    return now + timedelta(days=wish.days) if wish.days and 0 < wish.days <= MAX_DAYS else wish.until


def _check(
    conn: Connection,
    author: Author,
    wish: MeasureWish,
    before: AuthorMark,
    until: datetime | None,
    reasons: tuple[str, ...],
    now: datetime,
) -> None:
    """Raises InvalidInput, which names every field that is wrong."""
    problems = []
    restores = wish.measure is Measure.RESTORE
    if restores and before.standing is Standing.NORMAL:
        problems.append(FieldProblem("measure", "is not needed: no measure is in force for this author"))
    if len(wish.reason.strip()) > MAX_REASON_CHARS or not (wish.reason.strip() or wish.rejection_reason or restores):
        problems.append(FieldProblem("reason", f"say why, in 1 to {MAX_REASON_CHARS} characters"))
    if wish.rejection_reason is not None and wish.rejection_reason not in reasons:
        problems.append(FieldProblem("rejection_reason", "must be one of the site's reasons for rejection"))
    if len(wish.note or "") > MAX_NOTE_CHARS:
        problems.append(FieldProblem("note", f"must have at most {MAX_NOTE_CHARS:,} characters"))
    if wish.about_id is not None and comments.get_by_id(conn, wish.about_id).author_id != author.id:
        problems.append(FieldProblem("comment_id", "is a comment by another author"))
    problems += _end_problems(wish, until, now)
    if problems:
        raise InvalidInput(*problems)


def _end_problems(wish: MeasureWish, until: datetime | None, now: datetime) -> list[FieldProblem]:
    field = "until" if wish.until is not None else "days"
    if wish.days is not None and wish.until is not None:
        return [FieldProblem("until", "replaces days: give only one of them")]
    if wish.days is not None and not 0 < wish.days <= MAX_DAYS:
        return [FieldProblem("days", f"must be 1 to {MAX_DAYS}, or empty")]
    if wish.measure not in MAY_END:
        message = f"must be empty: nothing ends by itself after you {wish.measure} an author"
        return [FieldProblem(field, message)] if until else []
    if wish.measure is Measure.SUSPEND and until is None:
        return [FieldProblem("days", "say for how long: only a ban has no end")]
    if until is not None and not now < until <= now + timedelta(days=MAX_DAYS):
        return [FieldProblem(field, f"must be in the future, within {MAX_DAYS} days")]
    return []


def _language(conn: Connection, author_id: str, about_id: str | None) -> str | None:
    """Of the comment, or of the author's newest one: as the site sent it, or as it was detected."""
    comment = comments.get_by_id(conn, about_id) if about_id else author_data.newest_comment(conn, author_id)
    if comment is None or comment.language:
        return comment.language if comment else None
    latest = scoring.latest_scoring(conn, comment.id)
    return latest.language if latest else None


def _note(
    conn: Connection, by: Actor, author: Author, before: AuthorMark, after: AuthorMark, now: datetime, **said: Measure
) -> None:
    audit_writing.note(
        conn,
        by,
        "author.marked",
        site_id=author.site_id,
        subject=author.external_id,  # never their name: the trail keeps what a reader's erasure must take away
        before=_in_trail(before),
        after={**_in_trail(after), **said},
        now=now,
    )


def _in_trail(mark: AuthorMark) -> dict[str, str | None]:
    until = mark.until.isoformat() if mark.until else None
    return {"standing": mark.standing, "reason": mark.reason, "until": until}
