"""The rules of a policy as its page shows them: the limits in force or being tried, over the site's own comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from moderation.model import Policy
from moderation.policy import documents, replay
from moderation.policy.ready import OFFERS, READY
from moderation.policy.replay import Scored
from moderation.policy.wording import conditions_of, rule_title
from moderation.signals.registry import SIGNALS
from moderation.signals.spec import SignalSpec
from service.desk.frame import charts


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """One limit with the field that changes it."""

    field: str
    spec: SignalSpec
    bound: str
    limit: float
    chart: Markup | None  # how the site's comments lie about the limit

    @property
    def bound_in_words(self) -> str:
        return "from" if self.bound == "at_least" else "below"

    @property
    def step(self) -> float:
        return 0.01 if self.spec.scale == "score" else 1

    @property
    def least(self) -> int:
        return 0 if self.spec.scale == "score" else 1

    @property
    def top(self) -> int:
        return 1 if self.spec.scale == "score" else max(20, int(self.limit * 2))


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule; on several signals where it has more than one condition."""

    index: int
    title: str
    action: str
    is_used: bool  # False where the policy being tried goes without
    conditions: tuple[ShownCondition, ...]


def shown(saved: Mapping[str, Any], tried: Mapping[str, Any], scored: Sequence[Scored]) -> list[ShownRule]:
    """The saved rules with the limits being tried."""
    remaining = list(tried["rules"])
    rules = []
    for index, rule in enumerate(saved["rules"]):
        match = next((other for other in remaining if _identity(other) == _identity(rule)), None)
        if match is not None:
            remaining.remove(match)
        found = match or rule
        conditions = tuple(_conditions(index, found, scored))
        rules.append(ShownRule(index, rule_title(found), found["action"], match is not None, conditions))
    return rules


def offers(policy: Policy) -> list[tuple[str, str]]:
    """Ready rules that the policy lacks: each one's name and its sentence."""
    has = {(rule.signals, rule.action) for rule in policy.rules}
    ready = {name: documents.parse({"rules": [rule], "required": []}, 0).rules[0] for name, rule in READY.items()}
    return [(name, OFFERS[name]) for name, rule in ready.items() if (rule.signals, rule.action) not in has]


def _identity(rule: Mapping[str, Any]) -> tuple[object, ...]:
    return (*(condition["signal"] for condition in conditions_of(rule)), rule["action"])


def _conditions(index: int, rule: Mapping[str, Any], scored: Sequence[Scored]) -> Iterator[ShownCondition]:
    for part, condition in enumerate(conditions_of(rule)):
        field = f"limit-{index}-{part}" if "all" in rule else f"limit-{index}"
        bound = "at_least" if condition.get("at_least") is not None else "below"
        limit = float(condition[bound])
        chart = _chart(condition["signal"], bound, limit, scored)
        yield ShownCondition(field, SIGNALS[condition["signal"]], bound, limit, chart)


def _chart(signal: str, bound: str, limit: float, scored: Sequence[Scored]) -> Markup | None:
    counts = replay.histogram(scored, signal)
    low, high = (limit, 1.0) if bound == "at_least" else (0.0, limit)
    return charts.histogram(counts, low=low, high=high, limit=limit) if counts and sum(counts) else None
