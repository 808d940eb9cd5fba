"""The verdicts of policies that run in the shadow, on the signals that the policy itself saw. They decide nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ShadowVerdict, Verdict
from moderation.insight.learning.shadows import rows as shadows
from moderation.judging.policy import replay, verdicts
from moderation.spine.comments.moves import Judgement, Move


def with_shadow_verdicts(judgement: Judgement, now: datetime) -> Judgement:
    """The judgement with the verdict of each policy of the site that runs in the shadow. It reads the text, so no
    transaction is open."""
    return replace(judgement, in_shadow=tuple(_verdicts(judgement, now)))


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> Callable[[], None] | None:
    """Keeps the verdicts in the shadow beside the decision. Those on waiting comments are counted."""
    judged = [(move, verdict) for move in moves if move.judgement is not None for verdict in move.judgement.in_shadow]
    shadows.record(conn, [verdict for _, verdict in judged])
    counted = [verdict for move, verdict in judged if move.settles]
    return (lambda: _count(counted)) if counted else None


def _count(counted: Sequence[ShadowVerdict]) -> None:
    for verdict in counted:
        instruments().shadow_verdicts.labels(verdict.action, verdict.policy_action).inc()


def _verdicts(judgement: Judgement, now: datetime) -> list[ShadowVerdict]:
    scored, scoring, policy = judgement.scored, judgement.scoring, judgement.verdict
    comment, circumstances = scored.comment, scored.circumstances(now)
    in_shadow = []
    for candidate in scored.candidates:
        signals = replay.measured_for(scoring.signals, scored.reading, candidate.policy)
        verdict = verdicts.decide(signals, candidate.policy, circumstances)
        in_shadow.append(
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
    return in_shadow


def _reason(verdict: Verdict) -> str | None:
    """The first reason for which it holds the comment; None if it publishes it."""
    if verdict.action is Action.PUBLISH or not verdict.reasons:
        return None
    first: Reason = verdict.reasons[0]
    return first.signal or first.code.value
