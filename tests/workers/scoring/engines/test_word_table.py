"""A word table in four bits gives the rows that it was packed from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from moderation.ground.errors import ModelUnavailable
from workers.scoring.engines.word_table import BLOCK, BLOCK_BYTES, Floats, WordTable

HIDDEN = 2 * BLOCK


def packed(rows: Floats, scale: float) -> bytes:
    """Rows whose weights are whole multiples of ``scale`` from -8 to 7."""
    found = bytearray()
    for block in (rows / scale + 8).astype(np.uint8).reshape(-1, BLOCK):
        found += np.asarray([scale], dtype="<f2").tobytes()
        found += bytes(int(low) | int(high) << 4 for low, high in zip(block[:16], block[16:], strict=True))
    return bytes(found)


@pytest.fixture
def rows() -> Floats:
    random = np.random.default_rng(3)
    return np.asarray(random.integers(-8, 8, (5, HIDDEN)) * 0.25, dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path, rows: Floats) -> Path:
    path = tmp_path / "words.q4"
    path.write_bytes(packed(rows, 0.25))
    return path


def test_rows_come_back_in_the_shape_of_the_pieces(path: Path, rows: Floats) -> None:
    ids = np.asarray([[4, 0, 0], [2, 4, 1]])

    found = WordTable(path, HIDDEN).rows(ids)

    assert found.shape == (2, 3, HIDDEN)
    np.testing.assert_array_equal(found, rows[ids])


def test_a_table_is_mapped_and_stays_packed(path: Path) -> None:
    table = WordTable(path, HIDDEN)

    assert len(table) == 5
    assert isinstance(table._packed, np.memmap)
    assert table._packed.nbytes == 5 * HIDDEN // BLOCK * BLOCK_BYTES


@pytest.mark.parametrize("cut", [1, BLOCK_BYTES])
def test_a_file_that_is_no_whole_table_is_refused(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(ModelUnavailable, match=f"rows of {HIDDEN} weights"):
        WordTable(path, HIDDEN)


def test_a_piece_beyond_the_table_is_an_error(path: Path) -> None:
    with pytest.raises(IndexError):
        WordTable(path, HIDDEN).rows(np.asarray([[5]]))
