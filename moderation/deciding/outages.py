"""What happens to a site's comments when scoring is down for longer than the site waits, as the site chose: people see
them all, or the rules that need no model decide alone. What was decided so is marked, and scored once scoring is back.

"Down" means what readers feel: a comment has waited too long, whatever the cause. Imports do not count, they may wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.engine import Connection

from moderation.deciding.near_copies import with_near_copies
from moderation.deciding.outcomes import record
from moderation.deciding.rulings import Ruling
from moderation.errors import FieldProblem, InvalidInput
from moderation.model import (
    Action,
    CommentToScore,
    DecidedBy,
    Reason,
    ReasonCode,
    Verdict,
)
from moderation.policy import verdicts
from moderation.signals.registry import cheap_signals
from moderation.store import audit, reports, rescores, scoring, sites, waiting
from moderation.store.database import Database
from moderation.store.decisions import Decision
from moderation.store.rescores import Cause, Mark
from moderation.store.sites import Site

PAGE = 200
SLOW_AFTER = timedelta(minutes=2)  # where a site has no patience set, its moderators hear of delays from here on
MIN_PATIENCE_S, MAX_PATIENCE_S = 10, 7 * 86_400
MAX_COUNTED = 1_000


class WhenDown(StrEnum):
    HOLD = "hold"  # everything goes to people
    RULES_ONLY = "rules_only"  # the rules that need no model decide


@dataclass(frozen=True, slots=True)
class FailurePolicy:
    patience: timedelta | None = None  # None: comments wait as long as it takes
    when_down: WhenDown = WhenDown.HOLD

    @property
    def patience_s(self) -> float | None:
        return self.patience.total_seconds() if self.patience is not None else None


@dataclass(frozen=True, slots=True)
class Outage:
    """What moderators are told while comments of a site wait too long, or are decided without scores."""

    site_id: str
    site: str  # its name
    since: datetime  # the first comment that wanted for scores came
    waiting: int  # for too long, counted no further than MAX_COUNTED
    policy: FailurePolicy


def failure_policy(site: Site) -> FailurePolicy:
    patience_s = site.settings.get("patience_s")
    when_down = WhenDown(site.settings.get("when_scoring_is_down", WhenDown.HOLD))
    return FailurePolicy(timedelta(seconds=patience_s) if patience_s else None, when_down)


def choose(settings: Mapping[str, Any], patience_s: float | None, when_down: WhenDown) -> dict[str, Any]:
    """The site's settings with another failure policy. Raises InvalidInput."""
    if patience_s is not None and not MIN_PATIENCE_S <= patience_s <= MAX_PATIENCE_S:
        raise InvalidInput(FieldProblem("patience_s", f"must be between {MIN_PATIENCE_S} and {MAX_PATIENCE_S:,}"))
    return {**settings, "patience_s": patience_s, "when_scoring_is_down": when_down.value}


def set_failure_policy(
    db: Database, site_id: str, *, patience_s: float | None, when_down: WhenDown, by: str, now: datetime
) -> FailurePolicy:
    """``by`` says who in words, for the audit log, which hears of a change only. Raises InvalidInput and NotFound."""
    with db.write() as conn:
        site = sites.lock_site(conn, site_id)
        settings = choose(site.settings, patience_s, when_down)
        before, after = _in_log(site.settings), _in_log(settings)
        if before != after:
            sites.update_site_settings(conn, site_id, settings)
            change = {"before": before, "after": after}
            audit.note(conn, "site.failure_policy", by=None, site_id=site_id, subject=by, now=now, **change)
    return failure_policy(replace(site, settings=settings))


def _in_log(settings: Mapping[str, Any]) -> dict[str, Any]:
    when_down = settings.get("when_scoring_is_down", WhenDown.HOLD.value)
    return {"patience_s": settings.get("patience_s"), "when_down": when_down}


def outages(conn: Connection, site_ids: Iterable[str], *, now: datetime) -> list[Outage]:
    """The sites among these whose readers' comments lack scores for too long, in the order of their names.

    Empty when all is well, and then it reads a few rows by index.
    """
    wanted = set(site_ids)
    chosen = [(site, failure_policy(site)) for site in sites.all_sites(conn) if site.id in wanted]
    late = waiting.late_since(conn, {site.id: _slow_before(of, now) for site, of in chosen})
    found = (_outage(conn, site, of, late.get(site.id), now) for site, of in chosen)
    return [outage for outage in found if outage is not None]


def _outage(conn: Connection, site: Site, chosen: FailurePolicy, late: datetime | None, now: datetime) -> Outage | None:
    # What patience ran out on waits no more, but scoring is as down as before until something is scored again
    unscored = rescores.unscored_since(conn, site.id) if chosen.patience else None
    since = min((m for m in (late, unscored and unscored - (chosen.patience or SLOW_AFTER)) if m), default=None)
    if since is None:
        return None
    before = _slow_before(chosen, now)
    count = len(waiting.late_in_site(conn, site.id, before, limit=MAX_COUNTED)) if late else 0
    return Outage(site.id, site.name, since, count, chosen)


def _slow_before(chosen: FailurePolicy, now: datetime) -> datetime:
    return now - min(chosen.patience or SLOW_AFTER, SLOW_AFTER)


def decide_late(db: Database, *, now: datetime) -> list[Decision]:
    """Decides what has waited longer than its site's patience, and marks it to be scored later."""
    with db.read() as conn:
        impatient = {s.id: chosen for s in sites.all_sites(conn) if (chosen := failure_policy(s)).patience is not None}
    made: list[Decision] = []
    for site_id, chosen in impatient.items():
        made += _decide_in_site(db, site_id, chosen, now)
    return made


def _decide_in_site(db: Database, site_id: str, chosen: FailurePolicy, now: datetime) -> list[Decision]:
    assert chosen.patience is not None
    run_id, made = rescores.new_run_id(), []
    while True:
        with db.write() as conn:  # a page a transaction: other writers get their turn
            late = waiting.late_in_site(conn, site_id, now - chosen.patience, limit=PAGE)
            reports.lock_and_count(conn, late)  # a worker that is back may be deciding them at this moment
            loaded = with_near_copies(conn, scoring.load_waiting(conn, late))
            for scored in loaded:
                ruling = _ruling(scored, chosen, now)
                made.append(record(conn, ruling, now=now))
                held = chosen.when_down is WhenDown.HOLD
                mark = Mark(scored.comment.id, run_id, Cause.OUTAGE, now, releases=held)
                rescores.insert_marks(conn, [mark])
        if len(loaded) < PAGE:
            return made


def _ruling(scored: CommentToScore, chosen: FailurePolicy, now: datetime) -> Ruling:
    verdict = _verdict(scored, chosen, now)
    return Ruling(
        comment=scored.comment,
        action=verdict.action,
        reasons=verdict.reasons,
        decided_by=DecidedBy.SYSTEM,
        to=verdict.action.status,
        due_at=now,
        policy_version=scored.policy.version,
    )


def _verdict(scored: CommentToScore, chosen: FailurePolicy, now: datetime) -> Verdict:
    waited_s = (now - scored.comment.updated_at).total_seconds()
    late = Reason(
        ReasonCode.SCORING_LATE,
        Action.FLAG,
        label="Scoring was down",
        detail=f"waited {waited_s:.0f} s without scores",
    )
    if chosen.when_down is WhenDown.HOLD:
        return Verdict(Action.FLAG, (late,))
    found = verdicts.decide(
        cheap_signals(scored, reports=scored.reports),
        replace(scored.policy, required=frozenset()),  # the site asked to do without the models' signals
        scored.circumstances(now),
    )
    return Verdict(found.action, (*found.reasons, replace(late, action=found.action)))
