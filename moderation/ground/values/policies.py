"""A site's limits: conditions, rules, overrides, and the policy that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from moderation.ground.values.statuses import Action

Bound = Literal["at_least", "below"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A signal is at or above a limit (``at_least``), or under it (``below``)."""

    signal: str
    bound: Bound
    limit: float

    def holds_for(self, value: float) -> bool:
        return value >= self.limit if self.bound == "at_least" else value < self.limit


@dataclass(frozen=True, slots=True)
class Rule:
    """Take ``action`` when all conditions hold: one, or several on different signals."""

    conditions: tuple[Condition, ...]
    action: Action
    label: str = ""  # the newsroom's words for it, shown to moderators

    @property
    def signals(self) -> frozenset[str]:
        return frozenset(condition.signal for condition in self.conditions)

    def fires_on(self, values: Mapping[str, float]) -> bool:
        """A signal without a value fires nothing: neither alone nor beside others that have one."""
        for condition in self.conditions:
            value = values.get(condition.signal)
            if value is None or not condition.holds_for(value):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Override:
    """Rules for one section or article. Each replaces the base rules on the same signal or the same several signals;
    ``without`` drops every rule that looks at a signal."""

    rules: tuple[Rule, ...] = ()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a site's limits. A person decides a comment if one of the ``required`` signals neither has a value
    nor abstains."""

    version: int
    rules: tuple[Rule, ...]
    required: frozenset[str]
    default: Action = Action.PUBLISH  # when no rule fires
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    shipped_words: bool = True  # False drops all rules on signals of lists that come with Gavel
    blocked_domains: frozenset[str] = frozenset()  # with all under them
    allowed_domains: frozenset[str] = frozenset()
    sections: Mapping[str, Override] = field(default_factory=dict)
    articles: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that runs in the shadow: its verdicts are recorded and change nothing."""

    id: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class SiteLanguages:
    """The languages, as ISO 639 codes, for which a site sets how far it trusts the scores."""

    trusted: frozenset[str] = frozenset()  # published without a person where the scores otherwise only advise
    held: frozenset[str] = frozenset()  # every comment goes to a person
