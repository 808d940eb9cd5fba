"""Counts, over a site's own comments, the limits that reach a lead's wishes, keeps them for the page, and makes the
policy that they lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import FieldProblem, InvalidInput, TooCostly
from moderation.ground.values.policies import Policy
from moderation.ground.values.statuses import Action
from moderation.insight.learning import shares
from moderation.insight.learning.limits import choosing as limits
from moderation.insight.learning.limits import sample_rows as judged_samples
from moderation.insight.learning.limits.choosing import GROUPS, Counted, Wishes
from moderation.insight.learning.limits.sample_rows import JudgedComment
from moderation.insight.trends import figure_rows as figures
from moderation.insight.trends import rows as trends
from moderation.insight.trends import sum_rows as period_sums
from moderation.insight.trends.figure_rows import Figures
from moderation.insight.trends.rows import Period
from moderation.judging.policy import documents, replay
from moderation.judging.signals.registry import FOR_RULES
from moderation.judging.text.reading import affordable
from moderation.judging.text.reading_budget import Budget
from moderation.moderators.review.label_rows import HOUSE
from moderation.sites import rows as sites

DAYS = 90
READ_S = 5.0  # for the texts of the judged comments
MOST = 3_000  # judged comments of each kind, so that counting takes seconds however large the site is
KIND = "limits"
RECKONING = 2
"""Raised where limits that were counted earlier promise more than they would now."""

SCORES = {name: spec for name, spec in FOR_RULES.items() if spec.scale == "score"}
USUAL = HOUSE if HOUSE in SCORES else "toxicity"


def wishes_of(db: Database, site_id: str) -> Wishes:
    """The wishes in the site's settings."""
    with db.read() as conn:
        settings = sites.get_site(conn, site_id).settings
    return Wishes(settings.most_wrong_published, settings.most_wrong_rejected, settings.read_per_day)


def count(db: Database, site_id: str, signal: str, wishes: Wishes, *, now: datetime) -> Figures:
    """Counts them anew and keeps them. It takes seconds. Raises InvalidInput for a signal that is no score."""
    if signal not in SCORES:
        raise InvalidInput(FieldProblem("signal", f"must be one of {', '.join(SCORES)}"))
    with db.read() as conn:
        since = now - timedelta(days=DAYS)
        begun = trends.first_decision_since(conn, (site_id,), since) or now
        period = Period((site_id,), since, now + timedelta(days=1))
        verdicts = period_sums.first_verdicts(conn, period)
        judged = judged_samples.sent_to_people(conn, site_id, since=since, most=MOST, now=now)
        judged += judged_samples.drawn_at_random(conn, site_id, since=since, most=MOST, now=now)
        row = sites.current_policy(conn, site_id)
    policy = documents.parse(row.document, row.version)
    judged = bounded_judged(measured_judged(judged, policy, Budget(READ_S, own_time)))
    days = max(1.0, (now - begun).total_seconds() / 86_400)
    counted = Counted(days, {status: verdicts.get(status, 0) for status in GROUPS})
    findings = limits.find(judged, counted, policy, signal, wishes)
    content = {
        **asdict(findings),
        "wishes": asdict(wishes),
        "days": days,
        "verdicts": dict(counted.verdicts),
        "policy": row.version,
        "reckoning": RECKONING,
    }
    with db.write() as conn:
        figures.keep(conn, site_id, KIND, content, now=now)
    return Figures(content, now)


def measured_judged(judged: Sequence[JudgedComment], policy: Policy, budget: Budget) -> list[JudgedComment]:
    """The comments with the signals that depend on the policy, measured for this one. Where the budget does not last
    for all, the longest texts are left out."""
    read: dict[int, JudgedComment] = {}
    with suppress(TooCostly):
        for place, reading in affordable([comment.text for comment in judged], budget):
            comment = judged[place]
            read[place] = replace(comment, signals=tuple(replay.measured_for(comment.signals, reading, policy)))
    return [read[place] for place in sorted(read)]


def bounded_judged(judged: Sequence[JudgedComment]) -> list[JudgedComment]:
    """The same, but nobody speaks for more than half of the comments with one verdict, where others judged enough."""
    parts = shares.weights(
        [comment.by for comment in judged], [comment.verdict for comment in judged], [1.0] * len(judged)
    )
    return [replace(comment, weight=comment.weight * part) for comment, part in zip(judged, parts, strict=True)]


def last(db: Database, site_id: str) -> Figures | None:
    """None if they were never counted, or by a version that promised more."""
    with db.read() as conn:
        kept = figures.find(conn, site_id, KIND)
    return kept if kept and kept.content.get("reckoning") == RECKONING else None


def document_with(
    document: Mapping[str, Any], content: Mapping[str, Any], *, flag_from: float | None, rejects: bool
) -> dict[str, Any]:
    """The policy with the chosen limits instead of its rules on the signal alone. Raises InvalidInput for a limit that
    was not counted, and for rejecting where no limit was sure enough."""
    signal, offered = content["signal"], content["rejecting"]
    if flag_from not in [point["limit"] for point in content["curve"]]:
        raise InvalidInput(FieldProblem("limit", "must be one of the counted limits"))
    if rejects and offered is None:
        raise InvalidInput(FieldProblem("rejects", "must wait: no limit meets the target with certainty"))
    both = (Action.FLAG.value, Action.REJECT.value)
    rules = [r for r in document["rules"] if not (r.get("signal") == signal and r["action"] in both)]
    chosen = [(Action.FLAG, flag_from)] + ([(Action.REJECT, offered["limit"])] if rejects else [])
    for action, limit in chosen:
        if limit is not None:
            bound = SCORES[signal].bound_for(action)
            rules.append({"signal": signal, bound: limit, "action": action.value, "label": ""})
    changed = {**document, "rules": rules}
    documents.parse(changed, 0)
    return changed
