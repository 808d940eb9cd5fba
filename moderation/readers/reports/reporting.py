"""Readers report a comment. Each report brings it forward in the queue; enough of them send a published comment there.
Reports alone never reject one: a crowd can be organised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import MoveNotAllowed
from moderation.ground.values.articles import Article
from moderation.ground.values.policies import Condition, Policy, Rule
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import PEOPLE, Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Circumstances, ReasonCode
from moderation.judging.policy.verdicts import in_force, rule_reason
from moderation.judging.signals.spec import RULES
from moderation.readers.reports import rows as reports
from moderation.readers.reports.reasons import OTHER, listed
from moderation.readers.reports.rows import Told
from moderation.sites.newest_policies import newest_policy
from moderation.spine.articles import rows as articles
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from moderation.spine.comments.priority import weight_of
from moderation.spine.comments.rows import Listed
from moderation.spine.events import rows as events

SIGNAL = "reports"


@dataclass(frozen=True, slots=True)
class Report:
    reporter_id: str  # the site's own id of the reader
    reason: str  # one of the list, or words that count as "other"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    listed: Listed  # as it is now
    reports: int
    is_new: bool  # False if this reader had already reported it


@dataclass(frozen=True, slots=True)
class WeighedReports:
    """Reports since a person last decided, and their weight beside a policy's limit."""

    reports: int
    repeated: int  # for a reason that a person who approved the comment knew, or for none of the list
    weight: float

    @property
    def in_words(self) -> str:
        """Empty where each report counts in full."""
        if not self.repeated:
            return ""
        return (
            f"{self.reports} readers since a person approved it; {self.repeated} of them for reasons that the person "
            "knew or in words of their own, which count a half for each approval"
        )


def report(db: Database, site_id: str, external_id: str, report: Report, *, now: datetime) -> Reported:
    """Counts a reader's report once. Raises NotFound, and MoveNotAllowed for a comment that readers can no longer
    see."""
    with db.write() as conn:
        return report_in(conn, site_id, external_id, report, now=now)


def report_in(conn: Connection, site_id: str, external_id: str, report: Report, *, now: datetime) -> Reported:
    """As ``report``, in the caller's transaction."""
    reports.lock_comment(conn, comments.get_comment(conn, site_id, external_id).id)
    listed = comments.get_listed(conn, site_id, external_id)
    comment = listed.comment
    if comment.status in (CommentStatus.REJECTED, CommentStatus.WITHDRAWN):
        raise MoveNotAllowed(external_id, comment.status, "reported")
    is_new = reports.insert_report(
        conn, comment.id, report.reporter_id, reason=report.reason, note=report.note, now=now
    )
    count = reports.count_reports(conn, comment.id)
    if is_new:  # moderators see it sooner, however it came or will come into the queue
        reports.raise_priority(conn, comment.id, weight_of(count))
    if is_new and comment.status is CommentStatus.PUBLISHED and _flag_if_due(conn, listed, now):
        listed = comments.get_listed(conn, site_id, external_id)
    return Reported(listed, count, is_new)


def _flag_if_due(conn: Connection, listed: Listed, now: datetime) -> bool:
    """Flags the comment if the reports since a person last decided on it reach a limit of the policy."""
    comment = listed.comment
    counted = _since_judged(conn, comment.id)
    policy = newest_policy(conn, comment.site_id)
    article = articles.get_article(conn, comment.site_id, listed.article_external_id)
    known = _signals(conn, comment.id, counted.weight)
    fired = exceeded(policy, article, known)
    if fired is None:
        return False
    limit = _limit(fired)
    reason = replace(
        rule_reason(fired, known),
        code=ReasonCode.REPORTED,
        action=Action.FLAG,
        signal=SIGNAL,
        value=counted.weight,
        limit=limit.limit,
        bound=limit.bound,
        label=fired.label or "Reported by readers",
        detail=counted.in_words,
        evidence=(),
    )
    move = Move(
        comment=comment,
        reasons=(reason,),
        decided_by=DecidedBy.POLICY,
        to=CommentStatus.FLAGGED,
        due_at=now,
        policy_version=policy.version,
    )
    events.hasten(conn, comment.id, now=now)
    record(conn, move, now=now)
    return True


def exceeded(policy: Policy, article: Article, known: Mapping[str, Signal]) -> Rule | None:
    """Of the rules that look at reports, alone or beside other signals, the one that asks for most of them among those
    that fire, by the policy that holds for the article."""
    force = in_force(policy, Circumstances(article_id=article.external_id, section=article.section))
    values = {name: signal.value for name, signal in known.items() if signal.value is not None}
    fired = (rule for rule in force.rules if SIGNAL in rule.signals and rule.fires_on(values))
    against = (rule for rule in fired if rule.action is not Action.PUBLISH)
    return max(against, key=lambda rule: _limit(rule).limit, default=None)


def _signals(conn: Connection, comment_id: str, count: float) -> dict[str, Signal]:
    """Those of the newest scoring by name, with the reports as they are now."""
    scored = scoring.latest_scoring(conn, comment_id)
    signals = {signal.name: signal for signal in scored.signals} if scored else {}
    return {**signals, SIGNAL: Signal(SIGNAL, count, RULES)}


def _limit(rule: Rule) -> Condition:
    return next(condition for condition in rule.conditions if condition.signal == SIGNAL)


def _since_judged(conn: Connection, comment_id: str) -> WeighedReports:
    """The reports since a person last decided on the comment. The same reports do not bring it back to them."""
    judged = [decision for decision in decisions.decisions_of(conn, comment_id) if decision.decided_by in PEOPLE]
    approved = [decision.created_at for decision in judged if decision.status_after is CommentStatus.PUBLISHED]
    told = reports.by_reason(conn, comment_id, since=judged[0].created_at if judged else None)
    return weighed(told, approved)


def weighed(told: Iterable[Told], approved: Sequence[datetime]) -> WeighedReports:
    """A reason counts a half for each time that a person approved the comment though a reader had given it before, so
    that those who repeat it must be twice as many each time. Only a listed reason can be new: a person who approved the
    comment knew all else that a reader might say."""
    first: dict[str, datetime] = {}
    later: Counter[str] = Counter()
    for given in told:
        reason = listed(given.reason)
        first[reason] = min(first.get(reason, given.first_at), given.first_at)
        later[reason] += given.later
    known = {reason: sum(reason == OTHER or at >= begun for at in approved) for reason, begun in first.items()}
    weight = sum(number * 0.5 ** known[reason] for reason, number in later.items())
    repeated = sum(number for reason, number in later.items() if known[reason])
    return WeighedReports(later.total(), repeated, weight)
