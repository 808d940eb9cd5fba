"""Ways to say that a change is worse, from the texts that it gets wrong and right: that of the trial, and others beside
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench.mutants.harm import tail
from moderation.insight.trials.values import APPROVED, RuleOutcome, Trial


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one rule, or of all that belongs to none."""

    rule: str
    texts: int
    wronged_cases: int
    wronged: int  # decisions
    righted: int  # cases and decisions

    @classmethod
    def of(cls, outcome: RuleOutcome) -> Counts:
        cases = sum(text.is_case for text in outcome.wronged)
        return cls(outcome.rule, outcome.texts, cases, len(outcome.wronged) - cases, len(outcome.righted))


Way = Callable[[Sequence[Counts]], bool]


def single(counts: Sequence[Counts]) -> bool:
    """A single text is enough."""
    return any(own.wronged_cases + own.wronged for own in counts)


def cases(counts: Sequence[Counts]) -> bool:
    return any(own.wronged_cases for own in counts)


def by_chance(counts: Sequence[Counts], *, chance: float) -> bool:
    """A case, or decisions of one rule that differ by more than chance."""
    return cases(counts) or any(_is_surely_worse(own.wronged, own.righted, chance) for own in counts)


def pooled(counts: Sequence[Counts], *, chance: float) -> bool:
    """That, or the rejections under all rules together."""
    held = [own for own in counts if own.rule != APPROVED]
    wronged, righted = sum(own.wronged for own in held), sum(own.righted for own in held)
    return by_chance(counts, chance=chance) or _is_surely_worse(wronged, righted, chance)


def by_share(counts: Sequence[Counts], *, share: float) -> bool:
    """A case, or more than a share of a rule's texts."""
    return cases(counts) or any(own.wronged - own.righted > share * own.texts for own in counts)


def shares_pooled(counts: Sequence[Counts], *, share: float) -> bool:
    """A case, or more than a share of all approved or of all rejected."""
    sides = ([own for own in counts if (own.rule == APPROVED) is is_approved] for is_approved in (True, False))
    return cases(counts) or any(
        sum(own.wronged - own.righted for own in side) > share * sum(own.texts for own in side) for side in sides
    )


WAYS: Mapping[str, Way] = {
    "a single text": single,
    "cases alone": cases,
    "by rule, chance 5 %": partial(by_chance, chance=0.05),
    "by rule, chance 20 %": partial(by_chance, chance=0.2),
    "by rule, chance 1 %": partial(by_chance, chance=0.01),
    "by rule and together, chance 5 %": partial(pooled, chance=0.05),
    "by rule and together, chance 1 %": partial(pooled, chance=0.01),
    "by rule, 1 % of its texts": partial(by_share, share=0.01),
    "approved and rejected, 0.5 %": partial(shares_pooled, share=0.005),
    "approved and rejected, 1 %": partial(shares_pooled, share=0.01),
}


IN_FORCE, REFUSED = "the trial as it is", "a reader's examination and replay alone"


def verdicts(trial: Trial, is_refused: bool | None) -> dict[str, bool]:
    """Whether each way stops the change; if something else refuses it, all do. The trial's own comes first."""
    counts = [Counts.of(outcome) for outcome in trial.outcomes]
    stopped = {IN_FORCE: bool(trial.worse)} | {name: way(counts) for name, way in WAYS.items()}
    if is_refused is None:
        return stopped
    return {name: is_refused or own for name, own in stopped.items()} | {REFUSED: is_refused}


def _is_surely_worse(wronged: int, righted: int, chance: float) -> bool:
    return wronged > righted and tail(wronged, wronged + righted) < chance
