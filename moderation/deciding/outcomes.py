"""The one door through which a comment's status changes: automatic and human decisions alike.

Each decision is a conditional UPDATE that must hit one row, a row in ``decisions`` and a row in the outbox, together.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation import json_form
from moderation.deciding import recording
from moderation.deciding.priority import HARM, UNSCORED_HARM, priority
from moderation.errors import MoveNotAllowed, StaleVersion
from moderation.model import (
    ALLOWED_MOVES,
    Action,
    Comment,
    CommentStatus,
    CommentToScore,
    DecidedBy,
    Reason,
    ReasonCode,
    Scoring,
    Verdict,
)
from moderation.monitoring.instruments import instruments
from moderation.store import comments, decisions, reports, scoring
from moderation.store.database import Database, new_id
from moderation.store.decisions import Decision
from moderation.text import fingerprints

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scored comment with what the policy says about it."""

    scored: CommentToScore
    scoring: Scoring
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about to be made on the comment as its maker saw it."""

    comment: Comment
    action: Action
    reasons: tuple[Reason, ...]
    decided_by: DecidedBy
    to: CommentStatus
    due_at: datetime  # when the site may hear of it
    moderator_id: str | None = None
    policy_version: int | None = None
    scoring_id: str | None = None
    category: str | None = None
    note: str | None = None
    undoes: str | None = None
    batch_id: str | None = None
    silent: bool = False  # the site hears nothing of it, as it never heard of what this takes back
    escalated: bool | None = None  # asks a lead to decide, or takes that back; None leaves it as it is


def settle(db: Database, judgements: Sequence[Judgement], *, now: datetime) -> list[Decision]:
    """Decides a scored batch in one transaction. Comments that changed meanwhile are left out: others decided them."""
    with db.write() as conn:
        made: list[Decision] = []
        scorings, prints = [], []
        told = reports.lock_and_count(conn, [j.scored.comment.id for j in judgements])
        # In order of id, so that two workers with the same comments lock rows in the same order
        for judgement in sorted(judgements, key=lambda j: j.scored.comment.id):
            row = scoring.scoring_row(judgement.scoring, now=now)
            decision = _move(conn, _ruling(judgement, row["id"], now), now=now, **_columns(judgement, told))
            if decision is not None:
                made.append(decision)
                scorings.append(row)
                prints.extend(_fingerprint_row(judgement))
        scoring.insert_scorings(conn, scorings)
        scoring.replace_fingerprints(conn, [decision.comment_id for decision in made], prints)
        recording.append(conn, made, [j.scored.comment for j in judgements], now=now)
    _observe(made, {j.scored.comment.id: j.scored.comment for j in judgements}, now)
    return made


def record(conn: Connection, ruling: Ruling, *, now: datetime) -> Decision:
    """Makes one decision, a person's or the system's, in the caller's transaction.

    Raises MoveNotAllowed, and StaleVersion when the comment is no longer as its maker saw it.
    """
    if not _is_allowed(ruling):
        raise MoveNotAllowed(ruling.comment.external_id, ruling.comment.status, ruling.to)
    values: dict[str, object] = {"flagged_for": None}
    if ruling.to is CommentStatus.FLAGGED:
        values["flagged_for"] = _first_reason(ruling.reasons)
        if ruling.comment.status is CommentStatus.WAITING:  # no scoring gave it a place in the queue
            told = reports.count_reports(conn, ruling.comment.id)
            values["priority"] = priority(UNSCORED_HARM, told, ruling.comment.received_at)
    if ruling.escalated is not None:
        values["escalated_at"] = now if ruling.escalated else None
    decision = _move(conn, ruling, now=now, **values)
    if decision is None:
        raise stale(conn, ruling.comment)
    recording.append(conn, [decision], [ruling.comment], now=now, due_at=ruling.due_at, silent=ruling.silent)
    _tell(decision, ruling.comment)
    return decision


def revise(
    conn: Connection,
    judgement: Judgement,
    to: CommentStatus,
    *,
    reasons: tuple[Reason, ...],
    silent: bool,
    now: datetime,
) -> Decision | None:
    """Replaces an automatic decision by what newer scores ask for, in the caller's transaction.

    None when the comment changed since it was loaded: whoever changed it knew better. With ``silent`` the site hears
    nothing of it.
    """
    row = scoring.scoring_row(judgement.scoring, now=now)
    asked = _ruling(judgement, row["id"], now)
    action = Action.PUBLISH if to is CommentStatus.PUBLISHED else Action.FLAG
    ruling = replace(asked, to=to, action=action, reasons=reasons)
    flagged_for = _first_reason(reasons) if to is CommentStatus.FLAGGED else None
    told = reports.lock_and_count(conn, [judgement.scored.comment.id])
    columns = {**_columns(judgement, told), "flagged_for": flagged_for}
    decision = _move(conn, ruling, now=now, **columns)
    if decision is not None:
        scoring.insert_scorings(conn, [row])
        scoring.replace_fingerprints(conn, [decision.comment_id], _fingerprint_row(judgement))
        recording.append(conn, [decision], [ruling.comment], now=now, silent=silent)
        _tell(decision, ruling.comment)
    return decision


def refresh(conn: Connection, judgement: Judgement, *, now: datetime) -> None:
    """Keeps newer scores beside a decision that stands. No decision, no new version, nothing for the site to hear."""
    told = reports.lock_and_count(conn, [judgement.scored.comment.id])
    columns = {name: value for name, value in _columns(judgement, told).items() if name != "flagged_for"}
    if comments.amend(conn, judgement.scored.comment, **columns):
        scoring.insert_scorings(conn, [scoring.scoring_row(judgement.scoring, now=now)])


def give_up(db: Database, comment_ids: Iterable[str], *, now: datetime, detail: str) -> list[Decision]:
    """Sends comments that could not be scored to a person."""
    made = []
    for comment_id in comment_ids:
        with db.write() as conn:
            comment = comments.get_by_id(conn, comment_id)
            if comment.status is CommentStatus.WAITING:
                made.append(record(conn, _failure(comment, now, detail), now=now))
    return made


def stale(conn: Connection, seen: Comment) -> StaleVersion:
    """The error for whoever acted on an old version, with who changed it."""
    current = comments.get_by_id(conn, seen.id)
    latest = decisions.latest_decision(conn, seen.id)
    by = (latest.moderator_name or latest.decided_by) if latest else None
    return StaleVersion(seen.external_id, seen.version, current.version, current.status, by)


def hold_until(now: datetime, hold_s: float) -> datetime:
    """When the site hears of a moderator's decision that is not undone before."""
    return now + timedelta(seconds=hold_s)


def _is_allowed(ruling: Ruling) -> bool:
    before, after = ruling.comment.status, ruling.to
    if ruling.escalated is not None:  # a flagged comment changes hands and stays flagged
        return before is after is CommentStatus.FLAGGED
    return after in ALLOWED_MOVES[before]


def _failure(comment: Comment, now: datetime, detail: str) -> Ruling:
    reason = Reason(ReasonCode.SCORING_FAILED, Action.FLAG, label="Could not be scored", detail=detail)
    return Ruling(comment, Action.FLAG, (reason,), DecidedBy.SYSTEM, CommentStatus.FLAGGED, due_at=now)


def _ruling(judgement: Judgement, scoring_id: str, now: datetime) -> Ruling:
    verdict = judgement.verdict
    return Ruling(
        comment=judgement.scored.comment,
        action=verdict.action,
        reasons=verdict.reasons,
        decided_by=DecidedBy.POLICY,
        to=verdict.action.status,
        due_at=now,
        policy_version=judgement.scored.policy.version,
        scoring_id=scoring_id,
    )


def _columns(judgement: Judgement, reported: Mapping[str, int]) -> dict[str, object]:
    """What the newest scoring leaves on the comment's own row, for queue order, filters and histograms.

    Readers may have reported the comment while it was being scored: ``reported`` knows of these too.
    """
    comment = judgement.scored.comment
    scores = [v for v in map(judgement.scoring.value, HARM) if v is not None]
    flagged = judgement.verdict.action is Action.FLAG
    return {
        "toxicity": judgement.scoring.value("toxicity"),
        "relevance": judgement.scoring.value("relevance"),
        "section": judgement.scored.article.section,
        "flagged_for": _first_reason(judgement.verdict.reasons) if flagged else None,
        "priority": priority(max(scores, default=0.0), reported.get(comment.id, 0), comment.received_at),
    }


def _first_reason(reasons: Sequence[Reason]) -> str | None:
    return (reasons[0].signal or reasons[0].code.value) if reasons else None


def _fingerprint_row(judgement: Judgement) -> list[tuple[str, str, int, Sequence[int]]]:
    comment, mark = judgement.scored.comment, judgement.scored.fingerprint
    return [] if mark is None else [(comment.site_id, comment.id, mark, fingerprints.bands(mark))]


def _move(conn: Connection, ruling: Ruling, *, now: datetime, **values: object) -> Decision | None:
    comment = ruling.comment
    if not comments.move(conn, comment, ruling.to, now=now, **values):
        return None
    return Decision(
        id=new_id(),
        comment_id=comment.id,
        site_id=comment.site_id,
        version=comment.version,
        action=ruling.action,
        status_before=comment.status,
        status_after=ruling.to,
        decided_by=ruling.decided_by,
        reasons=tuple(json_form.reason_to_json(reason) for reason in ruling.reasons),
        created_at=now,
        moderator_id=ruling.moderator_id,
        policy_version=ruling.policy_version,
        scoring_id=ruling.scoring_id,
        category=ruling.category,
        note=ruling.note,
        undoes=ruling.undoes,
        batch_id=ruling.batch_id,
    )


def _observe(made: Sequence[Decision], about: dict[str, Comment], now: datetime) -> None:
    for decision in made:
        comment = about[decision.comment_id]
        _tell(decision, comment)
        instruments().decision_seconds.labels(comment.lane).observe((now - comment.updated_at).total_seconds())


def _tell(decision: Decision, comment: Comment) -> None:
    first = decision.reasons[0] if decision.reasons else {}
    rule = first.get("signal") or first.get("code") or "none"
    instruments().decided.labels(decision.action, rule, decision.decided_by).inc()
    by = {"comment_id": comment.id, "site_id": comment.site_id, "action": decision.action, "rule": rule}
    came_with = {"request_id": comment.request_id} if decision.decided_by is DecidedBy.POLICY else {}
    log.info("comment decided", extra={**by, "by": decision.decided_by, **came_with})
