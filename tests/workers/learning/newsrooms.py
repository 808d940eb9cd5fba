"""Newsrooms with tastes of their own: examples as the models saw them, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from moderation.ground.values.signals import Vector
from moderation.insight.learning.example_rows import Example, LabelSource
from tests.builders import NOON
from workers.learning.house_matrix import Seen

SPACE = "some-encoder@1"
HATED = ("ferry", "timetable", "harbour")  # nobody else minds these
PLAIN = ("library", "budget", "school", "bridge", "council", "bus", "winter", "market", "river", "museum")
OFF_TOPIC, RUDE = "Off topic", "Insult or abuse"


def a_newsroom(
    count: int, *, seed: int = 3, source: LabelSource = LabelSource.PEOPLE, taste: bool = True
) -> list[Seen]:
    """A third of the comments name what people here reject. Without ``taste`` they reject by the toss of a coin."""
    draw = random.Random(seed)
    return [_seen(number, draw, source, taste) for number in range(count)]


def _seen(number: int, draw: random.Random, source: LabelSource, taste: bool) -> Seen:
    names_it = draw.random() < 1 / 3
    words = [*draw.sample(PLAIN, 3), *draw.sample(HATED if names_it else PLAIN, 1)]
    rejected = draw.random() < (0.95 if names_it else 0.05) if taste else draw.random() < 0.4
    reason = draw.choice((OFF_TOPIC, RUDE)) if rejected else None
    at = NOON + timedelta(minutes=number)
    example = Example(f"c-{number:05}", f"The {' and the '.join(words)} {number}", rejected, reason, "en", at, source)
    return Seen(example, vector(draw), {"toxicity": round(draw.random(), 3), "relevance": None})


def vector(draw: random.Random, space: str = SPACE) -> Vector:
    numbers = 1 + np.asarray([draw.gauss(0, 0.2) for _ in range(384)])  # an encoder's vectors lie near each other
    return Vector(space, np.round(numbers / np.linalg.norm(numbers) * 127).astype(np.int8).tobytes())


def later(seen: Sequence[Seen], by: timedelta, prefix: str) -> list[Seen]:
    """The same comments once more, decided later."""
    return [
        replace(
            one,
            example=replace(
                one.example,
                comment_id=f"{prefix}-{one.example.comment_id}",
                decided_at=one.example.decided_at + by,
            ),
        )
        for one in seen
    ]
