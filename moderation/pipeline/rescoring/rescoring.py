"""Scores decided comments again: those decided without scores, and those that an operator chooses after a change of
models. A person's decision always holds. Where newer scores disagree, a person decides; nothing is rejected here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import MACHINES, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.pipeline.rescoring import rows as rescores
from moderation.pipeline.rescoring.rows import Cause, RescoreMark, Selection
from moderation.pipeline.settling.judgements import refresh, revise
from moderation.sites import rows as sites
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement

PAGE = 500
MOST_DUE = 5_000  # marks per look: so many jobs in Redis are plenty
RUN = "rescore"


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as the operator asked for it, and how far marking has got."""

    run_id: str
    total: int
    marked: int = 0
    after: str | None = None  # the last comment examined
    is_marked: bool = False


def resettle(db: Database, judged: Sequence[tuple[Judgement, RescoreMark]], *, now: datetime) -> list[Decision]:
    """Compares new scores with the decisions, and returns the new decisions."""
    changed = []
    with db.write() as conn:
        for judgement, mark in sorted(judged, key=lambda pair: pair[0].scored.comment.id):
            decision = _resettle_one(conn, judgement, mark, now)
            if decision is not None:
                changed.append(decision)
        rescores.remove_marks(conn, [mark.comment_id for _, mark in judged])
    return changed


def leave(db: Database, comment_ids: Sequence[str]) -> None:
    """Removes the marks of decided comments that cannot be scored again. Their decisions stay."""
    if comment_ids:
        with db.write() as conn:
            rescores.remove_marks(conn, comment_ids)


def outcome(
    status: CommentStatus, verdict: Action, *, by: DecidedBy, cause: Cause, releases: bool
) -> CommentStatus | None:
    """The new status of a comment whose decision, made ``by``, newer scores question. None if it stays as it is."""
    if by not in MACHINES:
        return None
    held = status is CommentStatus.FLAGGED and cause is Cause.OUTAGE and by is DecidedBy.SYSTEM
    if status is CommentStatus.FLAGGED:
        if verdict is Action.PUBLISH:
            return CommentStatus.PUBLISHED if releases else None
        return CommentStatus.FLAGGED if held else None  # with the scores as its new reasons
    agrees = verdict.status is status
    return None if agrees or status not in (CommentStatus.PUBLISHED, CommentStatus.REJECTED) else CommentStatus.FLAGGED


def start(db: Database, selection: Selection) -> Run:
    """A new run. Nothing is marked yet."""
    with db.read() as conn:
        total = rescores.count_candidates(conn, selection)
    return Run(rescores.new_run_id(), total)


def mark(
    db: Database,
    run: Run,
    selection: Selection,
    *,
    changes_only: bool,
    releases: bool,
    per_s: float,
    by: Actor,
    now: datetime,
) -> Iterator[Run]:
    """Marks a run's comments page by page. Each step yields how far the run has got, so that it can be continued.

    ``per_s`` spreads the marks over time at that rate; 0 makes all of them due at once. With the first page, the audit
    trail of each site records that the run began or was continued.
    """
    is_noted = False
    while not run.is_marked:
        with db.write() as conn:
            page = rescores.candidates(conn, selection, after=run.after, limit=PAGE)
            wait = timedelta(seconds=1 / per_s) if per_s else timedelta()
            marks = [
                RescoreMark(comment_id, run.run_id, Cause.MODELS, now + n * wait, changes_only, releases)
                for n, comment_id in enumerate(page, start=run.marked)
            ]
            rescores.insert_marks(conn, marks)
            if not is_noted:
                asked = {"changes_only": changes_only, "releases": releases, "per_s": per_s}
                _note_in_trail(conn, by, run, selection, asked, now)
                is_noted = True
            after = page[-1] if page else run.after
            run = replace(run, marked=run.marked + len(page), after=after, is_marked=len(page) < PAGE)
            _keep(conn, run, now)
        yield run


def unfinished(conn: Connection) -> Run | None:
    """The operator's last run, if any of it is still to be marked or scored."""
    lease = leases.find(conn, RUN)
    if lease is None or not lease.noted:
        return None
    run = Run(**lease.noted)
    return run if not run.is_marked or rescores.count_marks(conn, run.run_id) else None


def enqueue_due(db: Database, queues: Queues, *, now: datetime) -> int:
    """Puts comments that are due, and that no queue knows, into ``bulk``. Removes the marks of comments that failed at
    every attempt; their decisions stay.

    Raises RedisError.
    """
    with db.read() as conn:
        due = rescores.due(conn, now, limit=MOST_DUE)
    if not due:
        return 0
    known, failed_at = queues.known_ids(), queues.failed_at()
    hopeless = [c for c, since in due.items() if c not in known and c in failed_at and failed_at[c] >= since]
    if hopeless:
        with db.write() as conn:
            rescores.remove_marks(conn, hopeless)
    wanted = [c for c in due if c not in known and c not in hopeless]
    with db.read() as conn:
        costs = comments.costs_of(conn, wanted)
    return queues.score_all(Lane.BULK, {c: costs.get(c) for c in wanted})


def _resettle_one(conn: Connection, judgement: Judgement, mark: RescoreMark, now: datetime) -> Decision | None:
    comment = judgement.scored.comment
    latest = decisions.latest_decision(conn, comment.id)
    if latest is None:
        return None
    verdict = judgement.verdict
    to = outcome(comment.status, verdict.action, by=latest.decided_by, cause=mark.cause, releases=mark.releases)
    if to is not None:
        silent = to is comment.status
        return revise(conn, judgement, to, reasons=_reasons(judgement, comment.status, to), silent=silent, now=now)
    if not mark.changes_only:
        refresh(conn, judgement, now=now)
    return None


def _reasons(judgement: Judgement, was: CommentStatus, to: CommentStatus) -> tuple[Reason, ...]:
    said = judgement.verdict.reasons
    if was is to or to is CommentStatus.PUBLISHED:
        return said
    again = Reason(ReasonCode.RESCORED, Action.FLAG, label="Newer scores disagree", detail=f"it was {was} before")
    return (*said, again)


def _note_in_trail(
    conn: Connection, by: Actor, run: Run, selection: Selection, asked: Mapping[str, object], now: datetime
) -> None:
    action = "rescoring.resumed" if run.marked else "rescoring.begun"
    since = selection.since.isoformat() if selection.since else None
    said = {"run": run.run_id, "statuses": list(selection.statuses), "since": since, **asked}
    site_ids = [selection.site_id] if selection.site_id else [site.id for site in sites.all_sites(conn)]
    for site_id in site_ids:
        audit_writing.note(conn, by, action, site_id=site_id, after=said, now=now)


def _keep(conn: Connection, run: Run, now: datetime) -> None:
    noted: Mapping[str, object] = asdict(run)
    leases.take(conn, RUN, run.run_id, until=now, now=now)
    leases.note(conn, RUN, run.run_id, noted, now=now)
