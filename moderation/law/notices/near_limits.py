"""Whether a comment's scores come near a limit of the site's policy, though none reaches it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from moderation.ground.values.comments import Comment
from moderation.ground.values.policies import Condition
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.verdicts import in_force
from moderation.judging.signals.registry import SIGNALS
from moderation.sites.newest_policies import newest_policy
from moderation.spine.articles import rows as articles
from moderation.spine.comments import scoring_rows as scoring

NEAR = 0.8  # of the limit


def is_near(conn: Connection, comment: Comment) -> bool:
    """Looks at the harmful signals only: the links of a text or its author's age say nothing of the law. A comment
    without scores is near no limit."""
    scored = scoring.latest_scoring(conn, comment.id)
    if scored is None:
        return False
    values = {signal.name: signal.value for signal in scored.signals if signal.value is not None}
    article = articles.article_by_id(conn, comment.article_id)
    where = Circumstances(article_id=article.external_id, section=article.section) if article else Circumstances()
    rules = in_force(newest_policy(conn, comment.site_id), where).rules
    against = [rule for rule in rules if rule.action is not Action.PUBLISH]
    return any(all(_comes_near(condition, values) for condition in rule.conditions) for rule in against)


def _comes_near(condition: Condition, values: Mapping[str, float]) -> bool:
    spec, value = SIGNALS.get(condition.signal), values.get(condition.signal)
    if spec is None or value is None or not spec.is_harmful or condition.bound != "at_least":
        return False
    return value >= NEAR * condition.limit
