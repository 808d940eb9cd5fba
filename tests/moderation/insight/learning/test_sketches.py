"""Sketches find the same nearest vectors as comparing all of them would, and fast enough for a page."""

from __future__ import annotations

import math
import random
import statistics
import time

import pytest

from moderation.insight.learning.sketches import SPARE, Sketches, cosine, sketch_of

SIZE = 384


def vector(dice: random.Random, *, like: bytes | None = None, noise: float = 0.6) -> bytes:
    """Of random direction, or around another one."""
    numbers = [dice.gauss(0, 1) for _ in range(SIZE)]
    if like is not None:
        signed = [n - 256 if n > 127 else n for n in like]
        numbers = [own * noise + other / 6.5 for own, other in zip(numbers, signed, strict=True)]
    length = math.sqrt(sum(n * n for n in numbers))
    return bytes(max(-127, min(127, round(127 * n / length))) % 256 for n in numbers)


def test_a_sketch_has_one_bit_for_each_sign() -> None:
    assert sketch_of(bytes([0, 127, 128, 255, 5])) == 0b11001
    assert sketch_of(b"") == 0


@pytest.mark.parametrize(
    ("other", "expected"), [((3, 4), 1.0), ((253, 252), -1.0), ((4, 253), 0.0), ((0, 0), 0.0), ((5, 0), 0.6)]
)
def test_cosines_are_of_signed_bytes(other: tuple[int, int], expected: float) -> None:
    assert cosine(bytes((3, 4)), bytes(other)) == pytest.approx(expected)


def test_the_nearest_are_those_that_an_exact_comparison_finds() -> None:
    dice = random.Random(3)
    themes = [vector(dice) for _ in range(12)]
    every = {f"c-{n}": vector(dice, like=themes[n % 12], noise=dice.uniform(0.4, 1.6)) for n in range(1_500)}
    sketches = Sketches(most=2_000)
    sketches.add(every.items())

    found = 0
    for theme in themes:
        asked = vector(dice, like=theme)
        exact = sorted(every, key=lambda id: -cosine(asked, every[id]))[:3]
        found += len(set(exact) & set(sketches.nearest(asked, 40)))

    assert found >= 0.95 * 3 * len(themes), found


def test_few_vectors_are_all_found_and_a_comment_once() -> None:
    dice = random.Random(4)
    asked = vector(dice)
    sketches = Sketches(most=10)
    assert sketches.nearest(asked, 5) == []

    sketches.add([("far", vector(dice)), ("near", vector(dice, like=asked)), ("near", asked)])

    assert sketches.nearest(asked, 5) == ["near", "far"]
    assert sketches.nearest(asked, 1) == ["near"]


def test_the_oldest_go_where_there_are_too_many() -> None:
    dice = random.Random(5)
    sketches = Sketches(most=10)

    for n in range(100):
        sketches.add([(f"c-{n}", vector(dice))])
        assert len(sketches) <= 10 * SPARE

    left = sketches.nearest(vector(dice), 100)
    assert {"c-99", "c-90"} <= set(left) <= {f"c-{n}" for n in range(89, 100)}


def test_a_look_among_fifty_thousand_takes_milliseconds() -> None:
    dice = random.Random(6)
    sketches = Sketches(most=50_000)
    sketches.add((f"c-{n}", dice.randbytes(SIZE)) for n in range(50_000))
    seconds = []
    for _ in range(7):
        asked, started = dice.randbytes(SIZE), time.thread_time()
        assert 50 <= len(sketches.nearest(asked, 60)) <= 60
        seconds.append(time.thread_time() - started)

    print(f"{1000 * statistics.median(seconds):.1f} ms")
    assert statistics.median(seconds) < 0.02  # 0.0045 was seen


def test_a_vector_that_points_the_other_way_does_not_disturb_the_look() -> None:
    dice = random.Random(7)
    asked = bytes([1] * SIZE)
    sketches = Sketches(most=200)
    sketches.add((f"c-{n}", vector(dice)) for n in range(100))
    sketches.add([("opposite", bytes([255] * SIZE)), ("same", asked)])

    assert sketches.nearest(asked, 1) == ["same"]
    assert "opposite" not in sketches.nearest(asked, 2)
