"""A word table that stays in four bits: on the disk, and in memory, where all workers of a machine share its pages.

Its rows are blocks of 32 weights (Q4_0): a float16 scale, then 16 bytes whose low halves are the first 16 weights and
whose high halves are the last 16, each less 8.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moderation.ground.errors import ModelUnavailable

Floats = NDArray[np.float32]
Packed = NDArray[np.uint8]

BLOCK = 32
BLOCK_BYTES = 18
_SCALE_BYTES = 2


class WordTable:
    """The table in a file, mapped and not read: only rows that texts need are ever touched."""

    def __init__(self, path: Path, hidden: int) -> None:
        """``hidden`` is the length of a row. Raises ModelUnavailable if the file is no such table."""
        row_bytes = hidden // BLOCK * BLOCK_BYTES
        size = path.stat().st_size
        if hidden % BLOCK or not size or size % row_bytes:
            raise ModelUnavailable(f"{path} is not a word table with rows of {hidden} weights in four bits")
        self._packed: Packed = np.memmap(path, np.uint8, "r", shape=(size // row_bytes, hidden // BLOCK, BLOCK_BYTES))

    def __len__(self) -> int:
        return len(self._packed)

    def rows(self, ids: NDArray[np.int64]) -> Floats:
        """The rows of these pieces: the shape of ``ids``, then ``hidden``. A piece is unpacked once."""
        distinct, places = np.unique(ids, return_inverse=True)
        return unpacked(self._packed[distinct])[places.reshape(ids.shape)]


def unpacked(packed: Packed) -> Floats:
    """Shape (rows, blocks, bytes of a block) to (rows, weights)."""
    scales = packed[:, :, :_SCALE_BYTES].copy().view("<f2").astype(np.float32)
    halves = packed[:, :, _SCALE_BYTES:]
    weights = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
    return np.asarray((weights * scales).reshape(len(packed), -1), dtype=np.float32)
