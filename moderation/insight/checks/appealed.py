"""A person who decides an appeal judges the software that made the decision: that counts among the checks.

Every appeal is judged, drawn or not, so its comment speaks for itself alone and the estimates stay without bias: a
stratum that is judged whole beside one that is drawn from (Horvitz and Thompson, 1952).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.environment.own_time import own_time
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.judging.text import groups
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.law.appeals.values import AppealOutcome, CommentAppeal
from moderation.law.statements import rows as statements
from moderation.law.statements.facts import Automation
from moderation.sites import rows as sites
from moderation.spine.articles import rows as articles
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring


def count(conn: Connection, appeal: CommentAppeal, now: datetime) -> None:
    """After the outcome, in its transaction. Only rejections that the policy made alone count."""
    about = statements.get_decided(conn, appeal.site_id, appeal.decision_id)
    is_policys = about.step.decided_by is DecidedBy.POLICY and about.automation is Automation.FULLY
    if not is_policys or about.step.status_after is not CommentStatus.REJECTED:
        return
    known = checks.of(conn, [appeal.comment_id]).get(appeal.comment_id)
    if known is None:
        checks.insert(conn, [_check(conn, appeal, now)])
    elif known.verdict is CommentStatus.REJECTED and known.decided_at in (None, now):
        checks.settle(
            conn, appeal.comment_id, _judged(appeal), reason=about.step.reason, by=appeal.moderator_id, now=now
        )
        checks.count_once(conn, appeal.comment_id)


def _judged(appeal: CommentAppeal) -> CommentStatus:
    return CommentStatus.PUBLISHED if appeal.outcome is AppealOutcome.OVERTURNED else CommentStatus.REJECTED


def _check(conn: Connection, appeal: CommentAppeal, now: datetime) -> Check:
    comment = comments.get_by_id(conn, appeal.comment_id)
    decision = decisions.get_decision(conn, appeal.site_id, appeal.decision_id)
    scored = scoring.latest_scoring(conn, comment.id)
    article, author = articles.article_by_id(conn, comment.article_id), articles.author_by_id(conn, comment.author_id)
    judged = _judged(appeal)
    settings = sites.get_site(conn, appeal.site_id).settings
    language = (scored.language if scored else None) or comment.language
    reading = Reading(comment.text, Budget(BUDGET_S, own_time))
    return Check(
        comment_id=comment.id,
        site_id=appeal.site_id,
        drawn_at=decision.created_at,
        probability=1.0,
        verdict=CommentStatus.REJECTED,
        section=article.section if article else None,
        language=language,
        models=dict(scored.models) if scored else {},
        policy_version=decision.policy_version,
        groups=groups.mentioned(reading, groups.lexicon(language, settings.group_words)),
        is_new_author=author is None or author.published <= (judged is CommentStatus.PUBLISHED),
        decided_at=now,
        outcome=judged,
        reason=decision.reason if judged is CommentStatus.REJECTED else None,
        decided_by=appeal.moderator_id,
    )
