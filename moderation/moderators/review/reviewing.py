"""A person decides: the queue, claims on comments, decisions and undo. Every decision goes through the ``door``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotAllowed, NotFound, said
from moderation.ground.values import json_form
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import PEOPLE, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason
from moderation.law.notices.values import WordsToNotifiers
from moderation.law.statements import choosing
from moderation.moderators.finding import context_rows as review_context
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import duties
from moderation.moderators.queue.desk import skip_rows as skips
from moderation.moderators.queue.view_rows import QueueView
from moderation.moderators.review import comments_for_leads, overturning
from moderation.sites import rows as sites
from moderation.sites.rows import Moderator
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS, MAX_REASON_CHARS
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments import stale_versions
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move, hold_until
from moderation.spine.events import rows as events

MAX_NOTE_CHARS = 2000
SKIP_MINUTES = 60  # a comment that was put off comes back after this


class Choice(StrEnum):
    """The choices that a moderator's buttons offer."""

    APPROVE = "approve"
    REJECT = "reject"
    ESCALATE = "escalate"


_ACTION_OF = {Choice.APPROVE: Action.PUBLISH, Choice.REJECT: Action.REJECT, Choice.ESCALATE: Action.FLAG}


def shared_reasons(conn: Connection, site_ids: Iterable[str]) -> tuple[str, ...]:
    """The reasons that all of these sites use, in the first one's order: a site must not hear a reason that it does not
    know."""
    every = [sites.get_site(conn, site_id).settings.offered_reasons for site_id in dict.fromkeys(site_ids)]
    first, *others = every or [DEFAULT_REASONS]
    return tuple(reason for reason in first if all(reason in other for other in others))


@dataclass(frozen=True, slots=True)
class ModeratorChoice:
    """A moderator's decision, and the version of the comment that they saw."""

    choice: Choice
    version: int
    reason: str | None = None
    note: str | None = None
    batch_id: str | None = None
    answer: str | None = None  # to those who gave notice of the comment
    overturns: str | None = None  # the person's decision that this one is meant to replace


def open_comment(db: Database, moderator: Moderator, comment_id: str) -> ReviewContext:
    """Raises NotFound if there is no such comment at the moderator's sites."""
    with db.read() as conn:
        context = review_context.load(conn, comment_id)
    _same_site(moderator, context.comment)
    return context


def next_comment(
    db: Database, moderator: Moderator, view: QueueView, *, now: datetime, after: str | None = None
) -> str | None:
    """The comment to read next: of the person's duties, the one that follows ``after`` in the view's order, or else
    the first."""
    with db.read() as conn:
        return duties.next_comment(conn, moderator, view, now=now, after=after)


def claim(db: Database, moderator: Moderator, comment_id: str, *, now: datetime, lease_s: float) -> bool:
    """Takes or renews this moderator's claim; they have one at a time. False while somebody else reads the comment, and
    for a comment that this moderator may not decide: they must not keep a lead from it."""
    with db.write() as conn:
        comment = comments.get_by_id(conn, comment_id)
        _same_site(moderator, comment)
        queue.release(conn, moderator.id, but=comment_id)
        if comments_for_leads.reserved(conn, moderator, comment):
            queue.release(conn, moderator.id)
            return False
        return queue.claim(conn, comment_id, moderator.id, now=now, lease=timedelta(seconds=lease_s))


def skip(db: Database, moderator: Moderator, comment_id: str, *, now: datetime) -> None:
    """Puts a comment off for this moderator only. They see it again after an hour."""
    with db.write() as conn:
        _same_site(moderator, comments.get_by_id(conn, comment_id))
        skips.forget(conn, moderator.id, before=now - timedelta(minutes=SKIP_MINUTES))
        skips.skip(conn, comment_id, moderator.id, now=now)
        queue.release(conn, moderator.id)


def take_back_skips(db: Database, moderator: Moderator) -> int:
    """Brings back all comments that the moderator has put off, and returns how many there were."""
    with db.write() as conn:
        return skips.forget(conn, moderator.id)


def take_back_skip(db: Database, moderator: Moderator, comment_id: str) -> bool:
    """False if the comment was not put off, or has already come back."""
    with db.write() as conn:
        _same_site(moderator, comments.get_by_id(conn, comment_id))
        return skips.take_back(conn, comment_id, moderator.id)


def decide(
    db: Database, moderator: Moderator, comment_id: str, decided: ModeratorChoice, *, now: datetime, hold_s: float
) -> Decision:
    """Raises NotFound, LeadsDecide, MoveNotAllowed, PersonDecided, and StaleVersion if the comment has changed since
    the moderator read it."""
    with db.write() as conn:
        decision = decide_in(conn, moderator, comment_id, decided, now=now, hold_s=hold_s)
        queue.release(conn, moderator.id)
    return decision


def decide_in(
    conn: Connection, moderator: Moderator, comment_id: str, decided: ModeratorChoice, *, now: datetime, hold_s: float
) -> Decision:
    """As ``decide``, in the caller's transaction."""
    check_form(decided)
    comment = _seen(conn, moderator, comment_id, decided.version)
    if barred := comments_for_leads.reserved(conn, moderator, comment):
        raise barred
    overturning.check(conn, comment, decided.overturns)
    return record(conn, _move(conn, moderator, comment, decided, now, hold_s), now=now)


def undo(db: Database, moderator: Moderator, decision_id: str, *, now: datetime, hold_s: float) -> Decision:
    """Undoes a person's decision that no other decision followed. An undo can be undone too.

    If the decision's event is still held back, the site hears of neither. Raises NotFound, NotAllowed, LeadsDecide and
    StaleVersion.
    """
    with db.write() as conn:
        return undo_in(conn, moderator, decision_id, now=now, hold_s=hold_s)


def undo_in(
    conn: Connection,
    moderator: Moderator,
    decision_id: str,
    *,
    now: datetime,
    hold_s: float,
    batch_id: str | None = None,
) -> Decision:
    """As ``undo``, in the caller's transaction. ``batch_id`` is given when a whole batch is undone, and what the policy
    rejected because of it; a single decision that is undone is also redone singly."""
    decision = decisions.find_decision(conn, decision_id)
    if decision is None or decision.site_id not in moderator.roles:
        raise NotFound("decision", decision_id)
    if decision.decided_by not in PEOPLE and not _is_of_batch(decision, batch_id):
        raise NotAllowed("only a moderator's decision can be undone")
    comment = _seen(conn, moderator, decision.comment_id, decision.version + 1)
    if barred := comments_for_leads.reserved_to_undo(conn, moderator, comment, decision):
        raise barred
    silent = events.cancel_event_of(conn, decision.id, now=now)
    move = _undoing(conn, moderator, comment, decision, hold_until(now, hold_s))
    silent = silent or move.escalated is not None
    return record(conn, replace(move, silent=silent, batch_id=batch_id), now=now)


def find_decision(db: Database, moderator: Moderator, decision_id: str) -> Decision:
    """Raises NotFound if there is no such decision at the moderator's sites."""
    with db.read() as conn:
        decision = decisions.find_decision(conn, decision_id)
    if decision is None or decision.site_id not in moderator.roles:
        raise NotFound("decision", decision_id)
    return decision


def _move(
    conn: Connection, moderator: Moderator, comment: Comment, decided: ModeratorChoice, now: datetime, hold_s: float
) -> Move:
    action = _ACTION_OF[decided.choice]
    escalates = decided.choice is Choice.ESCALATE
    stays_online = comment.is_noticed and action is Action.PUBLISH
    return Move(
        comment=comment,
        reasons=_why_flagged(conn, comment.id) if escalates else (),
        decided_by=DecidedBy.MODERATOR,
        to=action.status,
        due_at=now if escalates else hold_until(now, hold_s),
        moderator_id=moderator.id,
        reason=decided.reason if decided.choice is Choice.REJECT else None,
        note=clean_note(decided.note),
        batch_id=decided.batch_id,
        silent=escalates or stays_online,
        confirms=stays_online,
        escalated=True if escalates else None,
        enclosed=(WordsToNotifiers(clean_note(decided.answer)),),
    )


def _undoing(conn: Connection, moderator: Moderator, comment: Comment, decision: Decision, due_at: datetime) -> Move:
    before = decision.status_before
    to = CommentStatus.FLAGGED if before is CommentStatus.WAITING else before
    is_escalation = decision.status_before is decision.status_after is CommentStatus.FLAGGED
    stays = before is decision.status_after and not is_escalation
    is_confirmation = stays and decision.featured is None
    return Move(
        comment=comment,
        reasons=(_why_flagged(conn, comment.id) or _to_a_person(decision)) if to is CommentStatus.FLAGGED else (),
        decided_by=DecidedBy.MODERATOR,
        to=to,
        due_at=due_at,
        moderator_id=moderator.id,
        reason=_reason_again(conn, decision) if to is CommentStatus.REJECTED else None,
        undoes=decision.id,
        featured=None if decision.featured is None else not decision.featured,
        confirms=is_confirmation,
        silent=is_confirmation,
        escalated=not queue.is_escalated(conn, comment.id) if is_escalation else None,
    )


def _is_of_batch(decision: Decision, batch_id: str | None) -> bool:
    return batch_id is not None and decision.batch_id == batch_id


def _to_a_person(rejection: Decision) -> tuple[Reason, ...]:
    """Why the policy rejected a comment that comes back and that no person has seen: now why a person looks at it."""
    by_policy = rejection.reasons if rejection.decided_by is DecidedBy.POLICY else ()
    return tuple(replace(json_form.reason_from_json(reason), action=Action.FLAG) for reason in by_policy)


def _reason_again(conn: Connection, undone: Decision) -> str | None:
    """The reason of the rejection that comes back, also where the policy had made it."""
    earlier = (step for step in decisions.decisions_of(conn, undone.comment_id) if step.version < undone.version)
    rejection = next((step for step in earlier if step.status_after is CommentStatus.REJECTED), None)
    if rejection is None:
        return None
    settings = sites.get_site(conn, rejection.site_id).settings
    return rejection.reason or choosing.reason_of(settings, None, rejection.reasons)


def _why_flagged(conn: Connection, comment_id: str) -> tuple[Reason, ...]:
    """The reasons that sent the comment to a person. It keeps them when it comes back."""
    for decision in decisions.decisions_of(conn, comment_id):
        if decision.status_after is CommentStatus.FLAGGED and decision.reasons:
            return tuple(json_form.reason_from_json(reason) for reason in decision.reasons)
    return ()


def _seen(conn: Connection, moderator: Moderator, comment_id: str, version: int) -> Comment:
    comment = comments.get_by_id(conn, comment_id)
    _same_site(moderator, comment)
    return stale_versions.check(conn, comment, version)


def _same_site(moderator: Moderator, comment: Comment) -> None:
    if comment.site_id not in moderator.roles:
        raise NotFound("comment", comment.id)


def clean_note(note: str | None) -> str | None:
    """Without control characters, which no form types and no database stores."""
    return "".join(c for c in (note or "").strip() if c.isprintable() or c in "\n\t") or None


def check_form(decided: ModeratorChoice) -> None:
    """Raises InvalidInput."""
    if decided.note and len(decided.note) > MAX_NOTE_CHARS:
        raise InvalidInput(_too_long("note", MAX_NOTE_CHARS))
    if decided.answer and len(decided.answer) > MAX_NOTE_CHARS:
        raise InvalidInput(_too_long("answer", MAX_NOTE_CHARS))
    if decided.reason and len(decided.reason) > MAX_REASON_CHARS:
        raise InvalidInput(_too_long("reason", MAX_REASON_CHARS))


def _too_long(field: str, most: int) -> FieldProblem:
    return FieldProblem(field, said("must have at most %(most)s characters", most=f"{most:,}"))
