"""The one door through which a comment's status changes, by the policy, a person, the system, an edit or a withdrawal.

The door checks a move, asks the vetoes, writes the move with its decision and event, and calls the followers, in the
caller's transaction. It knows none of their subjects: ``door_rules`` says how it gets their lists.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.errors import MoveNotAllowed
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.monitoring.logs import request_id
from moderation.ground.values import json_form
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import ACTION_TO, ALLOWED_MOVES, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import lock_rows as comment_locks
from moderation.spine.comments import move_rows as comment_moves
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments import stale_versions
from moderation.spine.comments.door_rules import Afterwards, Part, Veto, rules_of
from moderation.spine.comments.envelope import event_of
from moderation.spine.comments.lock_rows import Held
from moderation.spine.comments.moves import Judgement, Move
from moderation.spine.comments.priority import UNSCORED_HARM, priority
from moderation.spine.events import rows as events

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """The moves that went through the door, their decisions in the same order, and what is counted after the commit."""

    moves: Sequence[Move] = ()  # as they were made
    decisions: Sequence[Decision] = ()  # edits and withdrawals have none
    afterwards: Sequence[Afterwards] = ()
    barred: Sequence[Move] = ()  # those that a veto forbids: their comments stay as they are

    def count(self) -> None:
        """Counts the moves for the operator and logs the decisions. The owner of the transaction commits it first."""
        for count in self.afterwards:
            count()
        decided = (move.comment for move in self.moves if move.decided_by is not None)
        for decision, comment in zip(self.decisions, decided, strict=True):
            _log(decision, comment)


def let_through(
    conn: Connection, moves: Iterable[Move], *, now: datetime, held: Mapping[str, Held] | None = None
) -> Passed:
    """Makes the moves whose comments are still as the callers saw them, in the order of the comments' ids. ``held`` are
    the comments' rows, where the caller has locked them.

    Where a veto forbids a machine's move, a waiting comment goes to a person instead, and a decided one stays as it is.
    Raises MoveNotAllowed.
    """
    rules = rules_of(conn)
    # Comments first and authors last, each in order, so that two writers lock the same rows in the same order
    ordered = sorted(moves, key=lambda move: move.comment.id)
    for move in ordered:
        _check(move)
    if held is None and any(move.is_by_machine for move in ordered):  # nothing that a veto rests on may come meanwhile
        held = comment_locks.hold(conn, [move.comment.id for move in ordered])
    ordered, barred = _heard(conn, ordered, rules.vetoes)
    changes = [(move.comment, _columns(conn, move, held, now)) for move in ordered]
    changed = comment_moves.move(conn, changes, now=now, held=held)
    passed = [move for move in ordered if move.comment.id in changed]
    if not passed:
        return Passed(barred=barred)
    decided = _write_decisions(conn, passed, now)
    _write_events(conn, passed, decided, rules.parts, now)
    counts = [follow(conn, passed, now) for follow in rules.followers]
    return Passed(passed, decided, [count for count in counts if count is not None], barred)


def record(conn: Connection, move: Move, *, now: datetime) -> Decision:
    """Makes one decision, of a person or the system, in the caller's transaction.

    Raises MoveNotAllowed, also for a move that a veto forbids, and StaleVersion if the comment has changed since the
    caller read it.
    """
    passed = let_through(conn, [move], now=now)
    if passed.barred:
        raise MoveNotAllowed(move.comment.external_id, move.comment.status, move.to)
    if not passed.moves:
        raise stale_versions.stale(conn, move.comment)
    passed.count()
    return passed.decisions[0]


def rescored(conn: Connection, judgement: Judgement, columns: Mapping[str, object], *, now: datetime) -> None:
    """Stores newer scores beside a decision that stays. This makes no decision and no version, and the site hears
    nothing; a comment that has changed meanwhile keeps what it has."""
    comment = judgement.scored.comment
    if comments.amend(conn, comment, **columns):
        scoring.insert_scorings(conn, {(comment.id, comment.version): judgement.scoring}, now=now)
        for follow in rules_of(conn).score_followers:
            follow(conn, judgement)


def edited(conn: Connection, comment: Comment, text: str, *, lane: Lane, now: datetime) -> None:
    """Gives the comment a new text, which waits for a decision. Raises MoveNotAllowed and StaleVersion."""
    columns = {"text": text, "lane": lane, "request_id": request_id.get()}
    _without_decision(conn, Move(comment, CommentStatus.WAITING, now, columns=columns), now)
    comments.insert_edit(conn, comment, now=now)


def withdrawn(conn: Connection, comment: Comment, *, now: datetime) -> None:
    """Takes the comment offline for good. Raises MoveNotAllowed and StaleVersion."""
    _without_decision(conn, Move(comment, CommentStatus.WITHDRAWN, now), now)


def withdrawn_together(conn: Connection, held: Sequence[Comment], *, now: datetime) -> None:
    """As ``withdrawn``, of comments that the caller's transaction has locked."""
    for comment in held:
        events.hasten(conn, comment.id, now=now)
    let_through(conn, [Move(comment, CommentStatus.WITHDRAWN, now) for comment in held], now=now)


def first_reason(reasons: Sequence[Reason]) -> str | None:
    """The signal or the code of the first reason, by which the queue is filtered."""
    return (reasons[0].signal or reasons[0].code.value) if reasons else None


def _check(move: Move) -> None:
    before, after = move.comment.status, move.to
    is_allowed = after in ALLOWED_MOVES[before] or (move.may_stay and before is after)
    if move.escalated is not None:  # the comment changes hands and stays flagged
        is_allowed = before is after is CommentStatus.FLAGGED
    if not is_allowed:
        raise MoveNotAllowed(move.comment.external_id, before, after)


def _heard(conn: Connection, moves: Sequence[Move], vetoes: Sequence[Veto]) -> tuple[list[Move], list[Move]]:
    """The moves with those of waiting comments turned to a person, and the moves that are barred."""
    by_machines = [move for move in moves if move.is_by_machine]
    against: dict[str, Reason] = {}
    for veto in vetoes if by_machines else ():
        against = {**veto(conn, by_machines), **against}  # the first veto's reason holds
    barred = [m for m in by_machines if m.comment.id in against and m.comment.status is not CommentStatus.WAITING]
    out = {move.comment.id for move in barred}
    allowed = [move for move in moves if move.comment.id not in out]
    return [_to_a_person(m, against.get(m.comment.id)) if m.is_by_machine else m for m in allowed], barred


def _to_a_person(move: Move, why: Reason | None) -> Move:
    if why is None:
        return move
    others = tuple(replace(said, action=Action.FLAG) for said in move.reasons if said.action is not Action.PUBLISH)
    return replace(move, to=CommentStatus.FLAGGED, reasons=(why, *others), reason=None, batch_id=None)


def _columns(conn: Connection, move: Move, held: Mapping[str, Held] | None, now: datetime) -> dict[str, object]:
    """The columns of the comment's row that change."""
    comment, is_flagged = move.comment, move.to is CommentStatus.FLAGGED
    columns: dict[str, object] = {"status": move.to, "flagged_for": first_reason(move.reasons) if is_flagged else None}
    if is_flagged and comment.status is CommentStatus.WAITING and move.judgement is None:
        # No scoring has given it a place in the queue
        row = (comment_locks.hold(conn, [comment.id]) if held is None else held).get(comment.id)
        columns["priority"] = priority(UNSCORED_HARM, row.reports if row else 0, comment.received_at)
    if move.escalated is not None:
        columns["escalated_at"] = now if move.escalated else None
    if move.featured is not None or (comment.featured_at and move.to is not CommentStatus.PUBLISHED):
        columns["featured_at"] = now if move.featured else None
    return {**columns, **move.columns}


def _write_decisions(conn: Connection, moves: Sequence[Move], now: datetime) -> list[Decision]:
    new = {(m.comment.id, m.comment.version): m.judgement.scoring for m in moves if m.judgement is not None}
    scoring_ids = scoring.insert_scorings(conn, new, now=now)
    decided = [
        _decision(move, by, scoring_ids.get(move.comment.id), now)
        for move in moves
        if (by := move.decided_by) is not None
    ]
    decisions.insert_decisions(conn, decided)
    return decided


def _decision(move: Move, by: DecidedBy, scoring_id: str | None, now: datetime) -> Decision:
    return Decision(
        id=new_id(),
        comment_id=move.comment.id,
        site_id=move.comment.site_id,
        version=move.comment.version,
        action=ACTION_TO[move.to],
        status_before=move.comment.status,
        status_after=move.to,
        decided_by=by,
        reasons=tuple(json_form.reason_to_json(reason) for reason in move.reasons),
        created_at=now,
        moderator_id=move.moderator_id,
        policy_version=move.policy_version,
        scoring_id=scoring_id,
        reason=move.reason,
        note=move.note,
        undoes=move.undoes,
        batch_id=move.batch_id,
        featured=move.featured,
    )


def _write_events(
    conn: Connection, moves: Sequence[Move], decided: Sequence[Decision], parts: Sequence[Part], now: datetime
) -> None:
    by_comment = {decision.comment_id: decision for decision in decided}
    about = {j.scored.comment.id: j.scored.external_ids for move in moves if (j := move.judgement) is not None}
    about |= comments.article_and_author_ids(conn, [move.comment.id for move in moves if move.judgement is None])
    steps = [(move, by_comment[move.comment.id]) for move in moves if move.comment.id in by_comment]
    fields: dict[str, dict[str, Any]] = {decision.id: {} for decision in decided}
    for part in parts if steps else ():
        for decision_id, further in part(conn, steps).items():
            fields[decision_id] |= further
    new = []
    for move in moves:
        decision = by_comment.get(move.comment.id)
        more = fields[decision.id] if decision else {}
        new.append(event_of(move, decision, about[move.comment.id], now, more))
    events.insert_events(conn, new)


def _without_decision(conn: Connection, move: Move, now: datetime) -> None:
    events.hasten(conn, move.comment.id, now=now)
    if not let_through(conn, [move], now=now).moves:
        raise stale_versions.stale(conn, move.comment)


def _log(decision: Decision, comment: Comment) -> None:
    first = decision.reasons[0] if decision.reasons else {}
    rule = first.get("signal") or first.get("code") or "none"
    instruments().decided.labels(decision.action, rule, decision.decided_by).inc()
    by = {"comment_id": comment.id, "site_id": comment.site_id, "action": decision.action, "rule": rule}
    came_with = {"request_id": comment.request_id} if decision.decided_by is DecidedBy.POLICY else {}
    log.info("comment decided", extra={**by, "by": decision.decided_by, **came_with})
