"""The verdicts of policies that run in the shadow, on the signals that the policy itself saw. They decide nothing."""

from __future__ import annotations

from datetime import datetime

from moderation.model.scoring import CommentToScore, Scoring
from moderation.model.statuses import Action
from moderation.model.verdicts import Reason, Verdict
from moderation.policy import replay, verdicts
from moderation.store.shadows import ShadowVerdict


def shadow_verdicts(scored: CommentToScore, scoring: Scoring, policy: Verdict, now: datetime) -> list[ShadowVerdict]:
    """One of each candidate of the site."""
    comment, circumstances = scored.comment, scored.circumstances(now)
    found = []
    for candidate in scored.candidates:
        signals = replay.measured_for(scoring.signals, comment.text, candidate.policy)
        verdict = verdicts.decide(signals, candidate.policy, circumstances)
        found.append(
            ShadowVerdict(
                shadow_id=candidate.id,
                comment_id=comment.id,
                version=comment.version,
                action=verdict.action,
                policy_action=policy.action,
                reason=_reason(verdict) or _reason(policy),
                section=scored.article.section,
                language=scoring.language,
            )
        )
    return found


def _reason(verdict: Verdict) -> str | None:
    """The first reason for which it holds the comment; None if it publishes it."""
    if verdict.action is Action.PUBLISH or not verdict.reasons:
        return None
    first: Reason = verdict.reasons[0]
    return first.signal or first.code.value
