"""Finds the vectors that point nearly the same way among tens of thousands, in a few milliseconds and without numpy,
which the web service does not have.

A sketch is one bit for each number of a vector: its sign. The fewer bits differ, the smaller is the angle
(M. Charikar, "Similarity estimation techniques from rounding algorithms", 2002). A few dozen that differ least are
then compared exactly.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import mul, xor

_SIGNS = bytes(ord("1") if number < 128 else ord("0") for number in range(256))
SAMPLED = 20  # one in so many tells how near the nearest are
MOST_DIFFERING = 255  # bits: more count as this many
SPARE = 1.1  # as much more than ``most`` may be held before the oldest go


def sketch_of(numbers: bytes) -> int:
    """One bit for each signed byte: whether it is not negative."""
    return int(numbers.translate(_SIGNS) or b"0", 2)


def cosine(vector: bytes, other: bytes) -> float:
    """The cosine of two vectors of signed bytes; 0 if one of them has no direction."""
    a, b = array("b", vector), array("b", other)
    return _cosine(_dot(a, b), _dot(a, a), _dot(b, b))


def most_alike(numbers: bytes, others: Mapping[str, bytes], count: int) -> list[tuple[str, float]]:
    """The ids of the most alike vectors with their cosines, most alike first; of equals the first id."""
    asked = array("b", numbers)
    square = _dot(asked, asked)
    arrays = {id: array("b", other) for id, other in others.items()}
    dots = {id: _dot(asked, other) for id, other in arrays.items()}
    best = heapq.nlargest(count, dots, key=dots.__getitem__)  # all have nearly the same length
    cosines = [(id, _cosine(dots[id], square, _dot(arrays[id], arrays[id]))) for id in best]
    return sorted(cosines, key=lambda pair: (-pair[1], pair[0]))


def _dot(vector: array[int], other: array[int]) -> int:
    return sum(map(mul, vector, other))


def _cosine(dot: int, square: int, other_square: int) -> float:
    length = math.sqrt(square * other_square)
    return dot / length if length else 0.0


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
        differing = _differing(self._sketches, sketch_of(numbers))
        sample = sorted(differing[::SAMPLED])
        at = math.ceil(4 * count / SAMPLED)  # about four times as many as asked for are this near
        within = sample[at] if at < len(sample) else MOST_DIFFERING
        places = [match.start() for match in re.finditer(b"[\\x00-\\x%02x]" % within, differing)]
        near = sorted(zip(map(differing.__getitem__, places), places, strict=True))
        return list(dict.fromkeys(self._ids[place] for _, place in near[: 2 * count]))[:count]


def _differing(sketches: Sequence[int], asked: int) -> bytes:
    """How many bits of each sketch differ: one byte each, so that those that are near can be searched for like text.

    No loop here is written in Python, which halves the time.
    """
    counted = list(map(int.bit_count, map(xor, sketches, repeat(asked))))
    try:
        return bytes(counted)
    except ValueError:  # some point nearly the other way
        return bytes(min(count, MOST_DIFFERING) for count in counted)
