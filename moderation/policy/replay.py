"""Computes what another policy would have done with comments that already have scores. This is arithmetic: nothing is
decided."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from moderation.model import Action, Circumstances, CommentStatus, Policy, Signal
from moderation.policy import verdicts
from moderation.signals.registry import SIGNALS

BINS = 20
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """One comment, its newest signals, and a person's decision if there is one."""

    id: str
    text: str
    author_name: str | None
    signals: tuple[Signal, ...]
    circumstances: Circumstances
    judged: CommentStatus | None  # published or rejected by a person

    def value(self, name: str) -> float | None:
        return next((s.value for s in self.signals if s.name == name), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """Comments on which the two policies disagree, and people's decisions on some of them."""

    count: int
    judged: int
    agreed: int  # with the candidate: rejected what it would hold, approved what it would let through
    examples: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    total: int
    held_now: int
    held_then: int
    newly_held: Difference
    no_longer_held: Difference


def held(scored: Sequence[Scored], by: Policy) -> frozenset[str]:
    """The ids of comments that the policy does not publish at once."""
    return frozenset(comment.id for comment in scored if _is_held(comment, by))


def compare(scored: Sequence[Scored], now: Set[str], then: Set[str]) -> Replay:
    """Compares the comments ``held`` by the current policy and by the candidate."""
    newly, no_longer = then - now, now - then
    return Replay(
        len(scored),
        len(now),
        len(then),
        _difference([c for c in scored if c.id in newly], CommentStatus.REJECTED),
        _difference([c for c in scored if c.id in no_longer], CommentStatus.PUBLISHED),
    )


def histogram(scored: Sequence[Scored], signal: str) -> list[int] | None:
    """How many of the site's own comments lie in each twentieth of 0..1; None for a signal that counts."""
    spec = SIGNALS.get(signal)
    if spec is None or spec.scale != "score":
        return None
    counts = [0] * BINS
    for comment in scored:
        value = comment.value(signal)
        if value is not None:
            counts[min(int(value * BINS), BINS - 1)] += 1
    return counts


def _is_held(comment: Scored, by: Policy) -> bool:
    signals = measured_for(comment.signals, comment.text, by)
    return verdicts.decide(signals, by, comment.circumstances).action is not Action.PUBLISH


def measured_for(signals: Sequence[Signal], text: str, by: Policy) -> list[Signal]:
    """Signals that depend on the policy, such as those of its word lists, are computed again for this one."""
    return [_counted(text, signal, by) for signal in signals]


def _counted(text: str, signal: Signal, by: Policy) -> Signal:
    spec = SIGNALS.get(signal.name)
    if spec is None or spec.measure_again is None:
        return signal
    return replace(signal, value=spec.measure_again(text, by).value)


def _difference(comments: Sequence[Scored], right: CommentStatus) -> Difference:
    judged = [c for c in comments if c.judged is not None]
    agreed = sum(c.judged is right for c in judged)
    return Difference(len(comments), len(judged), agreed, tuple(comments[:EXAMPLES]))
