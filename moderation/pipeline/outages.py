"""Decides a site's comments when scoring is down for longer than the site waits. The site has chosen whether people see
them all or the rules that need no model decide alone. Such comments are marked, and scored once scoring is back.

Scoring counts as down when readers notice: a comment has waited too long, for any cause. Imports do not count, since
they may wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode, Verdict
from moderation.judging.policy import verdicts
from moderation.judging.signals.registry import cheap_signals
from moderation.judging.signals.scoring import CommentToScore
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.loading.looking_up import looked_up
from moderation.pipeline.rescoring import rows as rescores
from moderation.pipeline.rescoring.rows import Cause, RescoreMark
from moderation.pipeline.waiting import rows as waiting
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import lock_rows as comment_locks
from moderation.spine.comments.door import let_through
from moderation.spine.comments.moves import Move

PAGE = 200
SLOW_AFTER = timedelta(minutes=2)  # if a site has set no patience, its moderators hear of delays from here on
MAX_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Outage:
    """Comments of a site have waited too long, or were decided without scores. The desk shows this to moderators."""

    site_id: str
    site: str  # its name
    since: datetime  # arrival of the first comment that lacks scores
    waiting: int  # those that have waited too long; the count stops at MAX_COUNTED
    settings: SiteSettings


def outages(conn: Connection, site_ids: Iterable[str], *, now: datetime) -> list[Outage]:
    """The sites, of those given, whose readers' comments have lacked scores for too long, in order of their names.

    When all is well the result is empty, and only a few rows are read, by index.
    """
    wanted = set(site_ids)
    chosen = [site for site in sites.all_sites(conn) if site.id in wanted]
    late = waiting.late_since(conn, {site.id: _slow_before(site.settings, now) for site in chosen})
    candidates = (_outage(conn, site, late.get(site.id), now) for site in chosen)
    return [outage for outage in candidates if outage is not None]


def _outage(conn: Connection, site: Site, late: datetime | None, now: datetime) -> Outage | None:
    settings = site.settings
    # Comments decided without scores no longer wait, but scoring is still down until something is scored again
    unscored = rescores.unscored_since(conn, site.id) if settings.patience else None
    since = min((m for m in (late, unscored and unscored - (settings.patience or SLOW_AFTER)) if m), default=None)
    if since is None:
        return None
    before = _slow_before(settings, now)
    count = len(waiting.late_in_site(conn, site.id, before, limit=MAX_COUNTED)) if late else 0
    return Outage(site.id, site.name, since, count, settings)


def _slow_before(settings: SiteSettings, now: datetime) -> datetime:
    return now - min(settings.patience or SLOW_AFTER, SLOW_AFTER)


def decide_late(db: Database, *, now: datetime) -> list[Decision]:
    """Decides the comments that have waited longer than their site's patience, and marks them to be scored later."""
    with db.read() as conn:
        impatient = [site for site in sites.all_sites(conn) if site.settings.patience is not None]
    decisions: list[Decision] = []
    for site in impatient:
        decisions += _decide_in_site(db, site.id, site.settings, now)
    return decisions


def _decide_in_site(db: Database, site_id: str, settings: SiteSettings, now: datetime) -> list[Decision]:
    assert settings.patience is not None
    run_id, decisions = rescores.new_run_id(), list[Decision]()
    while True:
        with db.read() as conn:
            late = waiting.late_in_site(conn, site_id, now - settings.patience, limit=PAGE)
            loaded = loading.load_waiting(conn, late)
        moves = [_move(scored, settings, now) for scored in looked_up(db, loaded, now=now)]
        with db.write() as conn:  # one page per transaction, so that others can write in between
            held = comment_locks.hold(conn, late)  # a worker that is back may be deciding them just now
            passed = let_through(conn, moves, now=now, held=held)
            is_hold = settings.when_scoring_is_down is WhenDown.HOLD
            marks = [RescoreMark(m.comment.id, run_id, Cause.OUTAGE, now, releases=is_hold) for m in passed.moves]
            rescores.insert_marks(conn, marks)
        passed.count()
        decisions += passed.decisions
        if len(loaded) < PAGE:
            return decisions


def _move(scored: CommentToScore, settings: SiteSettings, now: datetime) -> Move:
    verdict = _verdict(scored, settings, now)
    return Move(
        comment=scored.comment,
        reasons=verdict.reasons,
        decided_by=DecidedBy.SYSTEM,
        to=verdict.action.status,
        due_at=now,
        policy_version=scored.policy.version,
    )


def _verdict(scored: CommentToScore, settings: SiteSettings, now: datetime) -> Verdict:
    waited_s = (now - scored.comment.updated_at).total_seconds()
    late = Reason(
        ReasonCode.SCORING_LATE,
        Action.FLAG,
        label="Scoring was down",
        detail=f"waited {waited_s:.0f} s without scores",
    )
    if settings.when_scoring_is_down is WhenDown.HOLD:
        return Verdict(Action.FLAG, (late,))
    verdict = verdicts.decide(
        cheap_signals(scored),
        replace(scored.policy, required=frozenset()),  # the site chose to do without the models' signals
        scored.circumstances(now),
    )
    return Verdict(verdict.action, (*verdict.reasons, replace(late, action=verdict.action)))
