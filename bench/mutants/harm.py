"""The harm of a change, by comments on whose label people agree: how many toxic ones are held no more, and how many
civil ones are held now. The margins were set before anything was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

from bench.mutants.labelled import Labelled

TOXIC_MARGIN = 0.05
"""Of the toxic comments, held no more."""

CIVIL_MARGIN = 0.01
"""Of the civil comments, held now."""

SURELY = 0.01  # chance of a shift of either kind that means nothing
NOISE = 0.05


class Harm(StrEnum):
    HARMFUL = "harmful"  # beyond a margin, surely
    HARMLESS = "harmless"  # worse on neither side by more than noise
    BETWEEN = "between"  # worse by more than noise, and within the margins


@dataclass(frozen=True, slots=True)
class Shift:
    """Of comments with one label, those that a change gets wrong and right."""

    texts: int
    wronged: int
    righted: int

    @property
    def share(self) -> float:
        """By which the change is worse; below zero where it is better."""
        return (self.wronged - self.righted) / self.texts if self.texts else 0.0

    @property
    def chance(self) -> float:
        """Of so many or more wronged among the changed by chance: a sign test, one-sided."""
        return tail(self.wronged, self.wronged + self.righted)


def shift(comments: Sequence[Labelled], before: Sequence[bool], after: Sequence[bool], *, is_toxic: bool) -> Shift:
    """Of the comments with this label, in the order of the answers: whether each is held."""
    answers = zip(comments, before, after, strict=True)
    return shift_of([(was is is_toxic, becomes is is_toxic) for c, was, becomes in answers if c.is_toxic is is_toxic])


def shift_of(pairs: Sequence[tuple[bool, bool]]) -> Shift:
    """Whether each comment was right before and is right now."""
    wronged, righted = (
        sum(was is not is_right and becomes is is_right for was, becomes in pairs) for is_right in (False, True)
    )
    return Shift(len(pairs), wronged, righted)


NO_SHIFT = Shift(0, 0, 0)


def harm(toxic: Shift, civil: Shift, injected: Shift = NO_SHIFT) -> Harm:
    """``injected`` is of toxic comments that tell a model how to judge them."""
    sides = ((toxic, TOXIC_MARGIN), (injected, TOXIC_MARGIN), (civil, CIVIL_MARGIN))
    if any(side.share >= margin and side.chance < SURELY for side, margin in sides):
        return Harm.HARMFUL
    return Harm.BETWEEN if min(side.chance for side, _ in sides) < NOISE else Harm.HARMLESS


def tail(least: int, tosses: int) -> float:
    """The chance of so many heads or more."""
    return float(sum(comb(tosses, count) for count in range(least, tosses + 1)) / 2**tosses)
