"""The numbers of many comments, as a regression multiplies them: words are sparse, the rest is dense. Rows that follow
each other are a view, so that a fit on some of the comments copies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from workers.scoring.ngrams.model import Floats

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numbers:
    """``words`` (comments, buckets) is a CSR matrix of single precision with 32-bit indices; ``rest`` (comments, width)
    comes after its columns."""

    words: Any  # scipy's matrices have no types
    rest: Floats

    @property
    def shape(self) -> tuple[int, int]:
        return self.words.shape[0], self.words.shape[1] + self.rest.shape[1]

    def __len__(self) -> int:
        return int(self.words.shape[0])

    def __getitem__(self, rows: slice | Places) -> Numbers:
        if isinstance(rows, slice):
            return self._between(*rows.indices(len(self))[:2])
        if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
            return self._between(int(rows[0]), int(rows[0]) + len(rows))
        return Numbers(self.words[rows], self.rest[rows])

    def without_last(self, columns: int) -> Numbers:
        """Fewer columns of the rest."""
        return Numbers(self.words, self.rest[:, : self.rest.shape[1] - columns])

    def times(self, weights: Floats) -> Floats:
        """Shape (comments,)."""
        buckets = self.words.shape[1]
        return np.asarray(self.words @ weights[:buckets] + self.rest @ weights[buckets:], dtype=np.float32)

    def transposed_times(self, errors: Floats) -> Floats:
        """Shape (columns,)."""
        return np.concatenate((self.words.T @ errors, errors @ self.rest))

    def _between(self, first: int, end: int) -> Numbers:
        starts = self.words.indptr[first : end + 1]
        part = slice(starts[0], starts[-1])
        shape = (end - first, self.words.shape[1])
        words = sparse.csr_matrix((self.words.data[part], self.words.indices[part], starts - starts[0]), shape=shape)
        return Numbers(words, self.rest[first:end])
