"""Bounds the weight that one person has in what a site learns, so that no single account can bend it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from moderation.insight.learning.example_rows import Example

FEWEST_TO_COUNT = 20  # examples of a person who counts as one of those who share the work
SMALLEST_BOUND = 0.25  # of a side's weight: four people or more
ENOUGH = 50  # examples of one side by others: they can teach that side without the person
ROUNDS = 8  # bounding one person lowers the bound of the next


def bounded(examples: Sequence[Example]) -> list[Example]:
    """The same examples with the weights that ``weights`` leaves them, rejections and others each by themselves."""
    own = [e.weight for e in examples]
    left = weights([e.by for e in examples], [e.is_rejected for e in examples], own)
    return [replace(e, weight=weight) for e, weight in zip(examples, left, strict=True)]


def weights(people: Sequence[str | None], sides: Sequence[Hashable], given: Sequence[float]) -> list[float]:
    """The weights with a bound for each person on each side.

    Beyond one each, the labels of a person count only up to an equal part of the side, or a quarter where four or more
    share the work. Where others have labels enough, nobody has more than half. A person who decides alone has no bound:
    there is nobody else to learn from.
    """
    counted = Counter(by for by in people if by is not None)
    if len(counted) < 2:
        return list(given)
    busy = sum(count >= FEWEST_TO_COUNT for count in counted.values())
    left = list(given)
    for side in dict.fromkeys(sides):
        of_side = [i for i, other in enumerate(sides) if other == side]
        by_person = defaultdict[str, list[int]](list)
        for i in of_side:
            if (by := people[i]) is not None:
                by_person[by].append(i)
        total = sum(given[i] for i in of_side)
        for _ in range(ROUNDS):
            for by, own in by_person.items():
                part = max(SMALLEST_BOUND, 1 / max(busy, 1)) if counted[by] >= FEWEST_TO_COUNT else SMALLEST_BOUND
                others = total - sum(left[i] for i in own)
                scale = _scale([given[i] for i in own], others, part, can_do_without=len(of_side) - len(own) >= ENOUGH)
                for i in own:
                    left[i] = min(left[i], scale(given[i]))
                total = others + sum(left[i] for i in own)
    return left


def _scale(own: Sequence[float], others: float, part: float, *, can_do_without: bool) -> Callable[[float], float]:
    """How a person's weights change, if they are more than this part of the side."""
    if part >= 1 or sum(own) <= part * (sum(own) + others):
        return lambda weight: weight
    plain = sum(min(1.0, weight) for weight in own)
    beyond = sum(own) - plain
    share = min(1.0, max(0.0, (others * part / (1 - part) - plain) / beyond)) if beyond > 0 else 0.0
    factor = others / plain if not share and plain > others and can_do_without else 1.0
    return lambda weight: factor * (min(1.0, weight) + share * (weight - min(1.0, weight)))
