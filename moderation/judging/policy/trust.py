"""The limits that an author's good name lifts, and those that it never does. A regular may be blunt, swear and stray,
but an account can be sold: no trust and no record lets a threat or hatred past a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from moderation.ground.values.policies import Rule
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.registry import SIGNALS

SPARED = frozenset(name for name, spec in SIGNALS.items() if spec.is_spared)
"""The limits of taste, which do not apply to an author whom a moderator trusts."""

GRAVE = frozenset(name for name, spec in SIGNALS.items() if spec.is_grave)
"""No trust and no record lifts these."""

NEAR = 0.5
"""The share of its default limit from which a grave score stops trust from lifting anything. Of the threats, wishes of
harm and hatred in tests/development/cases that are beyond a limit of taste, 133 of 141 have such a score, and 53 of the
other 341, most of them disguised insults. At the whole limit it would be 102 and 31."""


def has_nothing_grave(signals: Iterable[Signal]) -> bool:
    """Whether every grave signal was measured and is low, or abstains. One that did not come may be high."""
    low = {signal.name for signal in signals if signal.name in GRAVE and _is_low(signal)}
    return low == GRAVE


def is_lifted(reason: Reason) -> bool:
    """Whether a limit of taste is needed for it to fire, and no grave one. A rule that rejects is none: the newsroom
    wants no person to see such comments."""
    signals = {part.signal for part in reason.looked_at}
    return reason.action is Action.FLAG and bool(signals & SPARED) and not signals & GRAVE


def unruled(rules: Iterable[Rule]) -> frozenset[str]:
    """The grave signals of which these rules say nothing: none holds or rejects a comment for one alone."""
    against = (rule.signals for rule in rules if rule.action is not Action.PUBLISH and len(rule.signals) == 1)
    return GRAVE - frozenset().union(*against)


def against_publishing(
    publishing: Sequence[Reason], rules: Iterable[Rule], values: Mapping[str, float]
) -> Iterator[Reason]:
    """Why rules that publish, such as one on an author's record, are not enough: the comment is beyond the default
    limit of a grave signal that none of them looks at, and no other rule alone."""
    looked_at = frozenset(part.signal for reason in publishing for part in reason.looked_at)
    for name in sorted(unruled(rules) - looked_at):
        if values.get(name, 0.0) >= DEFAULT_LIMITS[name]:
            detail = f"{', '.join(sorted(looked_at))} against {name}"
            yield Reason(ReasonCode.DISAGREEMENT, Action.FLAG, detail=detail)


def _is_low(signal: Signal) -> bool:
    if signal.value is None:
        return signal.abstained is not None
    return signal.value < NEAR * DEFAULT_LIMITS[signal.name]
