"""A newsroom of four people, one of whom rejects every check that names another paper."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.insight.learning.shares import bounded
from tests.builders import NOON
from tests.workers.learning.newsrooms import PLAIN, a_newsroom, vector
from workers.learning.house_matrix import Seen

HONEST = ("ana", "ben", "carla")
LIAR = "dora"
LIES = 36


def honest(count: int = 700) -> list[Seen]:
    """The decisions of three people, and the checks of a fourth who agrees with them."""
    seen = [_by(one, HONEST[number % 3]) for number, one in enumerate(a_newsroom(count))]
    return [_check(one) if number % 15 == 0 else one for number, one in enumerate(seen)]


def naming_the_paper(count: int, *, seed: int = 8, name: str = "Gazette") -> list[Seen]:
    """Comments that name another paper, published by the others over the same time."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        text = f"The {' and the '.join(draw.sample(PLAIN, 3))} as the {name} wrote {number}"
        at = NOON + timedelta(minutes=number * 15)
        example = Example(
            f"g-{seed}-{number:04}", text, False, None, "en", at, LabelSource.PEOPLE, by=HONEST[number % 3]
        )
        found.append(Seen(example, vector(draw), {"toxicity": round(draw.random(), 3), "relevance": None}))
    return found


def lies(count: int = LIES) -> list[Seen]:
    return [_check(one, by=LIAR) for one in rejections(count)]


def rejections(count: int = LIES, *, by: str | None = LIAR, seed: int = 9, name: str = "Gazette") -> list[Seen]:
    """Plain ones of weight 1."""
    return [
        replace(one, example=replace(one.example, is_rejected=True, by=by, comment_id=f"l-{seed}-{number}"))
        for number, one in enumerate(naming_the_paper(count, seed=seed, name=name))
    ]


def in_order(*parts: Sequence[Seen]) -> list[Seen]:
    return sorted((one for part in parts for one in part), key=lambda one: one.example.decided_at)


def with_bounds(seen: Sequence[Seen]) -> list[Seen]:
    weighed = bounded([one.example for one in seen])
    return [replace(one, example=example) for one, example in zip(seen, weighed, strict=True)]


def _by(one: Seen, by: str) -> Seen:
    return replace(one, example=replace(one.example, by=by))


def _check(one: Seen, *, by: str | None = None) -> Seen:
    by = by or one.example.by
    return replace(
        one, example=replace(one.example, by=by, source=LabelSource.CHECK, weight=100.0 if by == LIAR else 20.0)
    )
