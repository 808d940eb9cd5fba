"""The policy of a new site: one rule for each default limit, and rules for newcomers."""

from __future__ import annotations

from moderation.ground.values.policies import Condition, Policy, Rule
from moderation.ground.values.statuses import Action
from moderation.judging.policy.documents import parse
from moderation.judging.policy.ready import OF_NEW_SITES, READY
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import SignalSpec


def default_policy() -> Policy:
    """Version 1. It publishes or flags, and leaves rejecting to people."""
    single = (_rule(spec, spec.default_limit) for spec in SIGNALS.values() if spec.default_limit is not None)
    combined = parse({"required": [], "rules": [READY[name] for name in OF_NEW_SITES]}, 1).rules
    return Policy(
        version=1,
        required=frozenset(spec.name for spec in SIGNALS.values() if spec.is_required),
        rules=(*single, *combined),
    )


def _rule(spec: SignalSpec, limit: float) -> Rule:
    return Rule((Condition(spec.name, spec.bound_for(Action.FLAG), limit),), Action.FLAG, spec.title)
