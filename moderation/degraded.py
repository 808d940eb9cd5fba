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

from moderation import policy
from moderation.errors import FieldProblem, InvalidInput
from moderation.model import (
    Action,
    Circumstances,
    CommentToScore,
    DecidedBy,
    Lane,
    Reason,
    ReasonCode,
    Verdict,
)
from moderation.outcomes import Ruling, record
from moderation.repeats import with_near_copies
from moderation.signals import cheap_signals
from moderation.store import comments, rescores, scoring, sites, vitals
from moderation.store.database import Database
from moderation.store.decisions import Decision
from moderation.store.rescores import Cause, Mark
from moderation.store.sites import Site
from moderation.vitals import oldest

PAGE = 200
SLOW_AFTER = timedelta(minutes=2)  # where a site has no patience set, its moderators hear of delays from here on
MIN_PATIENCE_S, MAX_PATIENCE_S = 10, 7 * 86_400


class WhenDown(StrEnum):
    HOLD = "hold"  # everything goes to people
    RULES_ONLY = "rules_only"  # the rules that need no model decide


@dataclass(frozen=True, slots=True)
class FailurePolicy:
    patience: timedelta | None = None  # None: comments wait as long as it takes
    when_down: WhenDown = WhenDown.HOLD


@dataclass(frozen=True, slots=True)
class Outage:
    """What moderators are told while comments of a site wait too long."""

    site_id: str
    since: datetime  # the oldest of them waits since
    waiting: int
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


def outages(conn: Connection, site_ids: Iterable[str], *, now: datetime) -> list[Outage]:
    """The sites among these whose readers' comments wait too long. Empty when all is well."""
    wanted = set(site_ids)
    urgent = [w for w in vitals.waiting(conn) if w.site_id in wanted and w.lane != Lane.BULK]
    found = []
    for site_id in sorted({w.site_id for w in urgent}):
        here = [w for w in urgent if w.site_id == site_id]
        since, chosen = oldest(here), failure_policy(sites.get_site(conn, site_id))
        if since is not None and now - since > min(chosen.patience or SLOW_AFTER, SLOW_AFTER):
            found.append(Outage(site_id, since, sum(w.count for w in here), chosen))
    return found


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
            late = comments.late_in_site(conn, site_id, now - chosen.patience, limit=PAGE)
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
    found = policy.decide(
        cheap_signals(scored, reports=scored.reports),
        replace(scored.policy, required=frozenset()),  # the site asked to do without the models' signals
        Circumstances(
            article_id=scored.article.external_id,
            section=scored.article.section,
            article_state=scored.article.state,
            author_on_hold=scored.author.is_on_hold(now),
        ),
    )
    return Verdict(found.action, (*found.reasons, replace(late, action=found.action)))
