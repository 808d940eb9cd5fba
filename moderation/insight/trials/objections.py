"""The rule book's objections to an edit of the policy: rules that come off worse, and cases that have no score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moderation.ground.errors import GavelError, ScoringUnavailable
from moderation.ground.values.policies import Policy
from moderation.insight.trials import policies
from moderation.insight.trials.policies import Material, Signals
from moderation.insight.trials.values import RuleOutcome

UNTRIED = "(untried)"
"""The key of an objection to cases that cannot be scored now."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule on which the edit is worse. ``rule`` is a key, APPROVED or REJECTED, with an outcome, or UNTRIED without
    one. ``name`` is the rule's own."""

    rule: str
    name: str | None
    outcome: RuleOutcome | None


class WorseByRuleBook(GavelError):
    """The edit is worse on a rule or could not be tried, and no lead has said that it shall be saved all the same."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        self.objections = tuple(objections)
        named = ", ".join(objection.name or objection.rule.strip("()") for objection in self.worse)
        worse = f"it is worse on {named}" if named else ""
        untried = "its cases cannot be scored now" if len(self.worse) < len(objections) else ""
        super().__init__(" and ".join(filter(None, (worse, untried))))

    @property
    def worse(self) -> tuple[Objection, ...]:
        """Those with an outcome."""
        return tuple(objection for objection in self.objections if objection.outcome is not None)

    @property
    def word(self) -> str:
        return word(self.objections)


def word(objections: Sequence[Objection]) -> str:
    """A lead's word is given for these objections and no others: their keys."""
    return " ".join(sorted(objection.rule for objection in objections))


def of_policy(
    material: Material, signals_of_cases: Callable[[], Signals], now: Policy, then: Policy
) -> list[Objection]:
    """None of a site whose rule book has no rule that is ready; its cases are not scored then."""
    if not material.book.ready:
        return []
    try:
        signals, untried = signals_of_cases(), []
    except ScoringUnavailable:
        signals, untried = {}, [Objection(UNTRIED, None, None)]
    names = {rule.key: rule.name for rule in material.book.rules}
    worse = policies.try_policy(material, signals, now, then).worse
    return untried + [Objection(outcome.rule, names.get(outcome.rule), outcome) for outcome in worse]
