"""The one door through which a comment's status changes, by the policy, a person, the system, an edit or a withdrawal.
Callers say here how it changes, and ``recording`` writes it down."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.deciding import author_climbing, campaigns, drawing, move_records, quotes, stale_versions
from moderation.deciding.author_climbing import Moved
from moderation.deciding.move_records import Move
from moderation.deciding.priority import HARM, UNSCORED_HARM, priority
from moderation.deciding.rulings import Ruling
from moderation.deciding.shadow_verdicts import shadow_verdicts
from moderation.errors import MoveNotAllowed
from moderation.model.comments import Comment, Lane
from moderation.model.scoring import CommentToScore, Scoring
from moderation.model.signals import Vector
from moderation.model.statuses import Action, CommentStatus, DecidedBy
from moderation.model.verdicts import Reason, ReasonCode, Verdict
from moderation.monitoring.instruments import instruments
from moderation.monitoring.logs import request_id
from moderation.store import comment_moves, comments, events, reports, scoring, shadows, vectors
from moderation.store.comment_moves import Held
from moderation.store.database import Database
from moderation.store.decisions import Decision
from moderation.store.shadows import ShadowVerdict
from moderation.store.vectors import Kept
from moderation.text import fingerprints
from moderation.text.shared import mark_band

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scored comment and the policy's verdict on it, with its vector where an encoder reads its language."""

    scored: CommentToScore
    scoring: Scoring
    verdict: Verdict
    vector: Vector | None = None


def settle(db: Database, judgements: Sequence[Judgement], *, now: datetime) -> list[Decision]:
    """Decides a scored batch in one transaction. Comments that somebody else has decided or changed meanwhile are left
    out."""
    in_shadow = {j.scored.comment.id: _in_shadow(j, now) for j in judgements}
    with db.write() as conn:
        held = comment_moves.hold(conn, [j.scored.comment.id for j in judgements])
        told = {comment_id: row.reports for comment_id, row in held.items()}
        judgements = _quoting_nobody_erased(conn, judgements)
        moves = [_scored(judgement, _columns(judgement, told), now) for judgement in judgements]
        made = _write(conn, moves, now, held)
        _keep_likeness(conn, made, judgements)
        beside = [one for decision in made for one in in_shadow[decision.comment_id]]
        shadows.record(conn, beside)
        kept = {decision.comment_id for decision in made}
        joined = campaigns.join(conn, (j.scored for j in judgements if j.scored.comment.id in kept), now=now)
        by_id = {j.scored.comment.id: j for j in judgements}
        found = [(by_id[d.comment_id].scored, by_id[d.comment_id].scoring, d) for d in made]
        drawn = drawing.draw(conn, found, now=now)
    instruments().campaign_copies.inc(joined)
    for one in beside:
        instruments().shadow_verdicts.labels(one.action, one.policy_action).inc()
    for check in drawn:
        instruments().checks_drawn.labels(check.verdict).inc()
    about = {j.scored.comment.id: j.scored.comment for j in judgements}
    for decision in made:
        comment = about[decision.comment_id]
        _log(decision, comment)
        instruments().decision_seconds.labels(comment.lane).observe((now - comment.updated_at).total_seconds())
    return made


def record(conn: Connection, ruling: Ruling, *, now: datetime) -> Decision:
    """Makes one decision, of a person or the system, in the caller's transaction.

    Raises MoveNotAllowed, and StaleVersion if the comment has changed since the caller read it.
    """
    changes_hands = ruling.escalated is not None  # the comment stays flagged
    if changes_hands and not ruling.comment.status is ruling.to is CommentStatus.FLAGGED:
        raise MoveNotAllowed(ruling.comment.external_id, ruling.comment.status, ruling.to)
    values: dict[str, object] = {"flagged_for": None}
    if ruling.to is CommentStatus.FLAGGED:
        values["flagged_for"] = _first_reason(ruling.reasons)
        if ruling.comment.status is CommentStatus.WAITING:  # no scoring has given it a place in the queue
            told = reports.count_reports(conn, ruling.comment.id)
            values["priority"] = priority(UNSCORED_HARM, told, ruling.comment.received_at)
    if changes_hands:
        values["escalated_at"] = now if ruling.escalated else None
    if ruling.featured is not None:
        values["featured_at"] = now if ruling.featured else None
    may_stay = changes_hands or ruling.confirms or ruling.featured is not None
    made = _write(conn, [move_records.move_of(ruling, values, now, may_stay=may_stay)], now)
    if not made:
        raise stale_versions.stale(conn, ruling.comment)
    _log(made[0], ruling.comment)
    return made[0]


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

    None if the comment has changed since it was loaded, as that change is the better informed. With ``silent`` the site
    does not hear of the new decision.
    """
    if quotes.quoting_erased(conn, [(judgement.scored.comment, judgement.scoring)]):
        judgement, reasons = _without_parent(judgement), quotes.reasons_without_parent(reasons)
    row = scoring.scoring_row(judgement.scoring, now=now)
    action = Action.PUBLISH if to is CommentStatus.PUBLISHED else Action.FLAG
    asked = _ruling(judgement, row["id"], now)
    ruling = replace(asked, to=to, action=action, reasons=reasons, silent=silent)
    told = reports.lock_and_count(conn, [ruling.comment.id])
    flagged_for = _first_reason(reasons) if to is CommentStatus.FLAGGED else None
    columns, named = {**_columns(judgement, told), "flagged_for": flagged_for}, _named(judgement)
    made = _write(conn, [move_records.move_of(ruling, columns, now, scoring=row, may_stay=True, named=named)], now)
    _keep_likeness(conn, made, [judgement])
    shadows.record(conn, _in_shadow(judgement, now) if made else [])
    for decision in made:
        _log(decision, ruling.comment)
    return made[0] if made else None


def refresh(conn: Connection, judgement: Judgement, *, now: datetime) -> None:
    """Stores newer scores beside a decision that stays. This makes no decision and no version, and the site hears
    nothing."""
    told = reports.lock_and_count(conn, [judgement.scored.comment.id])
    (judgement,) = _quoting_nobody_erased(conn, [judgement])
    columns = {name: value for name, value in _columns(judgement, told).items() if name != "flagged_for"}
    if comments.amend(conn, judgement.scored.comment, **columns):
        scoring.insert_scorings(conn, [scoring.scoring_row(judgement.scoring, now=now)])
        _keep_vectors(conn, [judgement])


def give_up(
    db: Database, comment_ids: Iterable[str], *, now: datetime, detail: str = "", reason: Reason | None = None
) -> list[Decision]:
    """Sends comments that could not be scored to a person. The reason is ``reason``, or else that every attempt failed,
    with ``detail``."""
    made = []
    reason = reason or Reason(ReasonCode.SCORING_FAILED, Action.FLAG, label="Could not be scored", detail=detail)
    for comment_id in comment_ids:
        with db.write() as conn:
            comment = comments.lock(conn, comment_id)
            if comment.status is CommentStatus.WAITING:
                made.append(record(conn, _failure(comment, now, reason), now=now))
    return made


def edited(conn: Connection, comment: Comment, text: str, *, lane: Lane, now: datetime) -> None:
    """Gives the comment a new text, which waits for a decision. Raises MoveNotAllowed and StaleVersion."""
    columns = {"text": text, "lane": lane, "request_id": request_id.get(), "flagged_for": None}
    _move_undecided(conn, Move(comment, CommentStatus.WAITING, now, columns, may_stay=True), now)
    comments.insert_edit(conn, comment, now=now)


def withdrawn(conn: Connection, comment: Comment, *, now: datetime) -> None:
    """Takes the comment offline for good. Raises MoveNotAllowed and StaleVersion."""
    _move_undecided(conn, Move(comment, CommentStatus.WITHDRAWN, now, {"flagged_for": None}), now)


def withdrawn_together(conn: Connection, held: Sequence[Comment], *, now: datetime) -> None:
    """As ``withdrawn``, of comments that the caller's transaction has locked."""
    for comment in held:
        events.hasten(conn, comment.id, now=now)
    move_records.write(conn, [Move(c, CommentStatus.WITHDRAWN, now, {"flagged_for": None}) for c in held], now=now)


def _quoting_nobody_erased(conn: Connection, judgements: Sequence[Judgement]) -> list[Judgement]:
    gone = quotes.quoting_erased(conn, [(j.scored.comment, j.scoring) for j in judgements])
    return [_without_parent(j) if j.scored.comment.id in gone else j for j in judgements]


def _without_parent(judgement: Judgement) -> Judgement:
    verdict = judgement.verdict
    cleaned = replace(verdict, reasons=quotes.reasons_without_parent(verdict.reasons))
    return replace(judgement, scoring=quotes.without_parent(judgement.scoring), verdict=cleaned)


def _in_shadow(judgement: Judgement, now: datetime) -> list[ShadowVerdict]:
    return shadow_verdicts(judgement.scored, judgement.scoring, judgement.verdict, now)


def _failure(comment: Comment, now: datetime, reason: Reason) -> Ruling:
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
        reason=_reason_of(judgement),
    )


def _reason_of(judgement: Judgement) -> str | None:
    """The site's reason for rejecting, where a moderator gave it for what comes like a campaign."""
    treatment = judgement.scored.alike.applied
    was_followed = treatment is not None and judgement.verdict.action is treatment.action is Action.REJECT
    return treatment.reason if treatment is not None and was_followed else None


def _columns(judgement: Judgement, reported: Mapping[str, int]) -> dict[str, object]:
    """The values of the newest scoring in the comment's own row, for the order of the queue, filters and histograms.

    ``reported`` includes readers' reports that came in while the comment was being scored.
    """
    comment = judgement.scored.comment
    values = {signal.name: signal.value for signal in judgement.scoring.signals}
    scores = [v for v in map(values.get, HARM) if v is not None]
    flagged = judgement.verdict.action is Action.FLAG
    return {
        "toxicity": values.get("toxicity"),
        "relevance": values.get("relevance"),
        "section": judgement.scored.article.section,
        "flagged_for": _first_reason(judgement.verdict.reasons) if flagged else None,
        "priority": priority(max(scores, default=0.0), reported.get(comment.id, 0), comment.received_at),
    }


def _first_reason(reasons: Sequence[Reason]) -> str | None:
    return (reasons[0].signal or reasons[0].code.value) if reasons else None


def _keep_likeness(conn: Connection, made: Sequence[Decision], judgements: Sequence[Judgement]) -> None:
    """Keeps fingerprints of words and vectors of meaning: they tell later how alike comments are."""
    decided = {decision.comment_id for decision in made}
    kept = [judgement for judgement in judgements if judgement.scored.comment.id in decided]
    _keep_vectors(conn, kept)
    again = [judgement.scored.comment.id for judgement in kept if not judgement.scored.comment.is_new]
    scoring.forget_fingerprints(conn, again)
    prints = [
        (judgement.scored.comment.site_id, judgement.scored.comment.id, mark, fingerprints.bands(mark))
        for judgement in kept
        if (mark := judgement.scored.fingerprint) is not None
    ]
    shared = [
        (judgement.scored.comment.site_id, judgement.scored.comment.id, mark, (mark_band(mark),))
        for judgement in kept
        for mark in judgement.scored.marks
    ]
    scoring.insert_fingerprints(conn, [*prints, *shared])


def _keep_vectors(conn: Connection, judgements: Sequence[Judgement]) -> None:
    """An erased text has none."""
    about = [(j.scored.comment, j.vector if j.scored.comment.text else None) for j in judgements]
    kept = [Kept(comment.id, comment.site_id, vector, comment.is_new) for comment, vector in about]
    vectors.keep(conn, kept)


def _scored(judgement: Judgement, columns: Mapping[str, object], now: datetime) -> Move:
    row = scoring.scoring_row(judgement.scoring, now=now)
    ruling, named = _ruling(judgement, row["id"], now), _named(judgement)
    return move_records.move_of(ruling, columns, now, scoring=row, named=named)


def _named(judgement: Judgement) -> tuple[str, str]:
    return judgement.scored.article.external_id, judgement.scored.author.external_id


def _write(
    conn: Connection, moves: Sequence[Move], now: datetime, held: Mapping[str, Held] | None = None
) -> list[Decision]:
    made = move_records.write(conn, moves, now=now, held=held)
    moved = [Moved(m.comment, m.to, m.decision.reason if m.decision else None, m.due_at) for m in made]
    author_climbing.climb(conn, moved, now=now)
    return [move.decision for move in made if move.decision is not None]


def _move_undecided(conn: Connection, move: Move, now: datetime) -> None:
    events.hasten(conn, move.comment.id, now=now)
    if not move_records.write(conn, [move], now=now):
        raise stale_versions.stale(conn, move.comment)


def _log(decision: Decision, comment: Comment) -> None:
    first = decision.reasons[0] if decision.reasons else {}
    rule = first.get("signal") or first.get("code") or "none"
    instruments().decided.labels(decision.action, rule, decision.decided_by).inc()
    by = {"comment_id": comment.id, "site_id": comment.site_id, "action": decision.action, "rule": rule}
    came_with = {"request_id": comment.request_id} if decision.decided_by is DecidedBy.POLICY else {}
    log.info("comment decided", extra={**by, "by": decision.decided_by, **came_with})
