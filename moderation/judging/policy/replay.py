"""Computes what another policy would have done with comments that already have scores. This is arithmetic: nothing is
decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Circumstances, Reason, ReasonCode
from moderation.judging.policy import verdicts
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.text.reading import Reading

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ReplayedComment:
    """One comment, its newest signals, and a person's decision if there is one."""

    id: str
    text: str
    author_name: str | None
    signals: tuple[Signal, ...]
    circumstances: Circumstances
    judged: CommentStatus | None  # published or rejected by a person


@dataclass(frozen=True, slots=True)
class Difference:
    """Comments on which the two policies disagree, and people's decisions on some of them."""

    count: int
    judged: int
    agreed: int  # with the candidate: rejected what it would hold, approved what it would let through
    examples: tuple[ReplayedComment, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    total: int
    held_now: int
    held_then: int
    newly_held: Difference
    no_longer_held: Difference


@dataclass(frozen=True, slots=True)
class RuleShare:
    """Held comments to which one rule, or one other reason, applies, and people's decisions on some of them."""

    held: int
    alone: int  # nothing else holds these
    judged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The comments that a policy does not publish at once, and the share of each rule and each other reason by its
    ``cause``."""

    ids: frozenset[str] = frozenset()
    by: Mapping[str, RuleShare] = field(default_factory=dict)


def holding(measured: Sequence[ReplayedComment], by: Policy) -> Holding:
    """Finds those of the comments that the policy holds, and why. Their signals must be measured for this policy. A
    comment counts for each of its reasons."""
    ids, causes = [], defaultdict(list)
    for comment in measured:
        verdict = verdicts.decide(comment.signals, by, comment.circumstances)
        if verdict.action is not Action.PUBLISH:
            ids.append(comment.id)
            own_causes = {_cause(reason) for reason in verdict.reasons if reason.action is not Action.PUBLISH}
            for cause in own_causes:
                causes[cause].append((comment, len(own_causes) == 1))
    return Holding(frozenset(ids), {cause: _share(held) for cause, held in causes.items()})


def cause_of_rule(signals: Iterable[str], action: str) -> str:
    """The name of a rule among the causes. The rule of a section or an article that replaces one of the site's counts
    for that one."""
    return f"{action} {' '.join(sorted(signals))}"


def compare(scored: Sequence[ReplayedComment], now: Set[str], then: Set[str]) -> Replay:
    """Compares the comments ``held`` by the current policy and by the candidate."""
    newly, no_longer = then - now, now - then
    return Replay(
        len(scored),
        len(now),
        len(then),
        _difference([c for c in scored if c.id in newly], CommentStatus.REJECTED),
        _difference([c for c in scored if c.id in no_longer], CommentStatus.PUBLISHED),
    )


def _cause(reason: Reason) -> str:
    if reason.code in (ReasonCode.RULE, ReasonCode.COMBINED):
        return cause_of_rule((part.signal for part in reason.looked_at), reason.action)
    return reason.code


def _share(held: Sequence[tuple[ReplayedComment, bool]]) -> RuleShare:
    judged = [comment.judged for comment, _ in held if comment.judged is not None]
    alone = sum(is_alone for _, is_alone in held)
    return RuleShare(len(held), alone, len(judged), sum(status is CommentStatus.REJECTED for status in judged))


def measured_for(signals: Sequence[Signal], reading: Reading, by: Policy) -> list[Signal]:
    """Signals that depend on the policy, such as those of its word lists, are computed again for this one."""
    return [_counted(reading, signal, by) for signal in signals]


def _counted(reading: Reading, signal: Signal, by: Policy) -> Signal:
    spec = SIGNALS.get(signal.name)
    return signal if spec is None else spec.signal_again(signal, reading, by)


def _difference(comments: Sequence[ReplayedComment], right: CommentStatus) -> Difference:
    judged = [c for c in comments if c.judged is not None]
    agreed = sum(c.judged is right for c in judged)
    return Difference(len(comments), len(judged), agreed, tuple(comments[:EXAMPLES]))
