"""The ladder of a site: after how many rejections an author is due for a measure, and which one comes next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict

from moderation.ground.values.measures import MAX_DAYS, MAY_END, SANCTIONS, Measure

MAX_STEPS = 6
MAX_REJECTIONS = 100


class Climb(StrEnum):
    """The way in which an author comes to the next step."""

    PROPOSED = "proposed"  # a moderator sees it beside the comment, and decides
    APPLIED = "applied"  # Gavel takes the measure itself


@dataclass(frozen=True, slots=True)
class Step:
    __pydantic_config__ = ConfigDict(extra="forbid")

    measure: Measure
    days: int | None = None

    @property
    def severity(self) -> tuple[int, float]:
        return SANCTIONS.index(self.measure), float("inf") if self.days is None else self.days


@dataclass(frozen=True, slots=True)
class Ladder:
    __pydantic_config__ = ConfigDict(extra="forbid")

    rejections: int  # for reasons that count against an author, and since their last sanction
    within_days: int
    steps: tuple[Step, ...]
    climb: Climb = Climb.PROPOSED

    def next_step(self, taken: Iterable[Step]) -> Step:
        """The mildest step that is more severe than every sanction before; the last step again after that."""
        worst = max((step.severity for step in taken), default=(-1, 0.0))
        return next((step for step in self.steps if step.severity > worst), self.steps[-1])


def problems(ladder: Ladder | None) -> Iterator[str]:
    """The faults in words that follow the name of the field."""
    if ladder is None:
        return
    if not 1 <= ladder.rejections <= MAX_REJECTIONS:
        yield f"must begin after 1 to {MAX_REJECTIONS} rejections"
    if not 1 <= ladder.within_days <= MAX_DAYS:
        yield f"must count the rejections of 1 to {MAX_DAYS} days"
    if not 1 <= len(ladder.steps) <= MAX_STEPS:
        yield f"must have 1 to {MAX_STEPS} steps"
    yield from (problem for step in ladder.steps for problem in _step_problems(step))
    if all(step.measure in SANCTIONS for step in ladder.steps):
        severities = [step.severity for step in ladder.steps]
        if severities != sorted(set(severities)):
            yield "must have steps that become more severe: warn, hold, suspend, ban, and longer within each"


def _step_problems(step: Step) -> Iterator[str]:
    if step.measure not in SANCTIONS:
        yield f"must have steps that {', '.join(SANCTIONS[:-1])} or {SANCTIONS[-1]}: {step.measure} is none of them"
    elif step.measure not in MAY_END and step.days is not None:
        yield f"must leave the days of a step that says {step.measure} empty"
    elif step.measure is Measure.SUSPEND and step.days is None:
        yield "must say for how many days a step suspends"
    elif step.days is not None and not 1 <= step.days <= MAX_DAYS:
        yield f"must have steps of 1 to {MAX_DAYS} days"
