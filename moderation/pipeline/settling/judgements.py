"""Carries out the policy's judgements: on a batch of waiting comments, and on decided ones that were scored again. A
comment that nothing could score goes to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.insight.learning.shadows.verdicts import with_shadow_verdicts
from moderation.judging.text.language_names import first_known
from moderation.pipeline.second_opinions import hearing
from moderation.pipeline.settling import quotes
from moderation.readers.reports import rows as reports
from moderation.spine.comments import door
from moderation.spine.comments import lock_rows as comment_locks
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement, Move
from moderation.spine.comments.priority import HARM, priority


def settle(db: Database, judgements: Sequence[Judgement], *, now: datetime) -> list[Decision]:
    """Decides a scored batch in one transaction. Comments that somebody else has decided or changed meanwhile are left
    out, and those for which publishing waits for a second reader."""
    judgements = [with_shadow_verdicts(judgement, now) for judgement in judgements]
    with db.write() as conn:
        held = comment_locks.hold(conn, [j.scored.comment.id for j in judgements])
        told = {comment_id: row.reports for comment_id, row in held.items()}
        judgements = hearing.heard(conn, quotes.without_erased(conn, judgements), now=now)
        passed = door.let_through(conn, [_move(j, told, now) for j in judgements], now=now, held=held)
    passed.count()
    for move in passed.moves:
        waited_s = (now - move.comment.updated_at).total_seconds()
        instruments().decision_seconds.labels(move.comment.lane).observe(waited_s)
    return list(passed.decisions)


def revise(
    conn: Connection,
    judgement: Judgement,
    to: CommentStatus,
    *,
    reasons: tuple[Reason, ...],
    silent: bool,
    now: datetime,
) -> Decision | None:
    """Replaces an automatic decision by one that newer scores ask for, in the caller's transaction.

    None if the comment has changed since it was loaded, as that change is the better informed, and for one that no
    machine may decide: that keeps the newer scores. With ``silent`` the site does not hear of the new decision.
    """
    told = reports.lock_and_count(conn, [judgement.scored.comment.id])
    (cleaned,) = quotes.without_erased(conn, [judgement])
    if cleaned is not judgement:
        reasons = quotes.reasons_without_parent(reasons)
    asked = _move(with_shadow_verdicts(cleaned, now), told, now)
    passed = door.let_through(conn, [replace(asked, to=to, reasons=reasons, silent=silent)], now=now)
    passed.count()
    if passed.barred:
        refresh(conn, judgement, now=now)
    return passed.decisions[0] if passed.decisions else None


def refresh(conn: Connection, judgement: Judgement, *, now: datetime) -> None:
    """Stores newer scores beside a decision that stays. This makes no decision and no version, and the site hears
    nothing."""
    told = reports.lock_and_count(conn, [judgement.scored.comment.id])
    (judgement,) = quotes.without_erased(conn, [judgement])
    door.rescored(conn, judgement, _columns(judgement, told), now=now)


def give_up(
    db: Database, comment_ids: Iterable[str], *, now: datetime, detail: str = "", reason: Reason | None = None
) -> list[Decision]:
    """Sends comments that could not be scored to a person. The reason is ``reason``, or else that every attempt failed,
    with ``detail``."""
    decisions = []
    reason = reason or Reason(ReasonCode.SCORING_FAILED, Action.FLAG, label="Could not be scored", detail=detail)
    for comment_id in comment_ids:
        with db.write() as conn:
            comment = comments.lock(conn, comment_id)
            if comment.status is CommentStatus.WAITING:
                move = Move(comment, CommentStatus.FLAGGED, now, DecidedBy.SYSTEM, (reason,))
                decisions.append(door.record(conn, move, now=now))
    return decisions


def _move(judgement: Judgement, reported: Mapping[str, int], now: datetime) -> Move:
    treatment = _followed(judgement)
    return Move(
        comment=judgement.scored.comment,
        to=judgement.verdict.action.status,
        due_at=now,
        decided_by=DecidedBy.POLICY,
        reasons=judgement.verdict.reasons,
        policy_version=judgement.scored.policy.version,
        reason=treatment.reason if treatment else None,
        batch_id=treatment.batch_id if treatment else None,
        judgement=judgement,
        columns=_columns(judgement, reported),
    )


def _followed(judgement: Judgement) -> Treatment | None:
    """A moderator's rejection of what comes like a campaign, if it is why this comment is rejected."""
    treatment = judgement.scored.alike.applied
    if treatment is None or not judgement.verdict.action is treatment.action is Action.REJECT:
        return None
    return treatment


def _columns(judgement: Judgement, reported: Mapping[str, int]) -> dict[str, object]:
    """The values of the newest scoring in the comment's own row, for the order of the queue, filters and histograms.

    ``reported`` includes readers' reports that came in while the comment was being scored.
    """
    comment = judgement.scored.comment
    values = {signal.name: signal.value for signal in judgement.scoring.signals}
    scores = [v for v in map(values.get, HARM) if v is not None]
    return {
        "toxicity": values.get("toxicity"),
        "relevance": values.get("relevance"),
        "judged_in": first_known(judgement.scoring.language, comment.language),
        "section": judgement.scored.article.section,
        "priority": priority(max(scores, default=0.0), reported.get(comment.id, 0), comment.received_at),
    }
