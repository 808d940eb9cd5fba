"""Finds the vectors that point nearly the same way among tens of thousands, in a few milliseconds and without numpy,
which the web service does not have.

A sketch is one bit for each number of a vector: its sign. The fewer bits differ, the smaller is the angle
(M. Charikar, "Similarity estimation techniques from rounding algorithms", 2002). A few dozen that differ least are
then compared exactly.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from operator import mul

_SIGNS = bytes(ord("1") if number < 128 else ord("0") for number in range(256))
SAMPLED = 20  # one in so many tells how near the nearest are
SPARE = 1.1  # as much more than ``most`` may be held before the oldest go


def sketch_of(numbers: bytes) -> int:
    """One bit for each signed byte: whether it is not negative."""
    return int(numbers.translate(_SIGNS) or b"0", 2)


def cosine(one: bytes, other: bytes) -> float:
    """Of two vectors of signed bytes; 0 if one of them has no direction."""
    a, b = array("b", one), array("b", other)
    lengths = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return sum(map(mul, a, b)) / lengths if lengths else 0.0


class Sketches:
    """Sketches of one space with the ids of their comments, oldest first. About 180 bytes each."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._ids: list[str] = []
        self._sketches: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, vectors: Iterable[tuple[str, bytes]]) -> None:
        """Comments and their numbers, oldest first. The oldest of all go where there are too many."""
        for comment_id, numbers in vectors:
            self._ids.append(comment_id)
            self._sketches.append(sketch_of(numbers))
        if len(self) > self.most * SPARE:
            del self._ids[: -self.most], self._sketches[: -self.most]

    def nearest(self, numbers: bytes, count: int) -> list[str]:
        """The comments whose sketches differ least from this vector's, nearest first, each once. Seldom, there are a
        few less than ``count``, since a sample says how far to look."""
        asked, far = sketch_of(numbers), 8 * len(numbers) + 1
        sample = sorted((sketch ^ asked).bit_count() for sketch in self._sketches[::SAMPLED])
        at = math.ceil(4 * count / SAMPLED)  # about four times as many as asked for are this near
        within = sample[at] if at < len(sample) else far
        near = [
            (differs, place)
            for place, sketch in enumerate(self._sketches)
            if (differs := (sketch ^ asked).bit_count()) <= within
        ]
        near.sort()
        return list(dict.fromkeys(self._ids[place] for _, place in near[: 2 * count]))[:count]
