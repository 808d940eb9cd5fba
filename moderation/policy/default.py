"""The policy of a new site: the default rule of every signal that has one."""

from __future__ import annotations

from moderation.model import Condition, Policy, Rule
from moderation.signals.registry import SIGNALS
from moderation.signals.spec import DefaultRule, SignalSpec


def default_policy() -> Policy:
    """Version 1. It publishes or flags, and leaves rejecting to people."""
    return Policy(
        version=1,
        required=frozenset(spec.name for spec in SIGNALS.values() if spec.is_required),
        rules=tuple(_rule(spec, spec.default) for spec in SIGNALS.values() if spec.default is not None),
    )


def _rule(spec: SignalSpec, default: DefaultRule) -> Rule:
    condition = Condition(spec.name, spec.bound_for(default.action), default.limit)
    return Rule((condition,), default.action, spec.title)
