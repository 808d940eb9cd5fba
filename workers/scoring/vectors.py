"""Vectors of texts: unit vectors in a scorer, and the signed bytes in which they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from moderation.ground.values.signals import Vector
from workers.scoring.engines.onnx import Floats
from workers.scoring.scorable import Scorable

LARGEST = 127


@runtime_checkable
class VectorSource(Protocol):
    """A scorer whose encoder also gives the vector of a comment."""

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """In order; None for a comment in a language that another encoder reads, or none. This costs least right after
        the comments were scored."""


def unit(vectors: Floats) -> Floats:
    """Scales one vector or each row to length one; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def kept(vector: Floats | None, space: str) -> Vector | None:
    """The form that is kept. No number is rounded by more than 1/254."""
    return None if vector is None else all_kept([vector], space)[0]


def all_kept(vectors: Sequence[Floats], space: str) -> list[Vector]:
    """The same for many vectors at once."""
    if not vectors:
        return []
    numbers = np.stack(vectors) * LARGEST
    whole = np.clip(np.rint(numbers), -LARGEST, LARGEST).astype(np.int8)
    return [Vector(space, row.tobytes()) for row in whole]


def numbers(vectors: Sequence[Vector]) -> Floats:
    """Unit vectors again, shape (vectors, dimensions). All must be of one space."""
    assert len({vector.space for vector in vectors}) <= 1
    whole = np.frombuffer(b"".join(vector.numbers for vector in vectors), dtype=np.int8)
    return unit(whole.reshape(len(vectors), -1 if vectors else 0).astype(np.float32))
