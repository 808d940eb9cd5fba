"""Opens a graph over a word table: the table is mapped into memory, the layers are an ONNX graph.

Both are opened with the first text, because a site that gets comments in English only never needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Encoding, Tokenizer

from workers.scoring.engines.onnx import Floats, open_session, open_tokenizer
from workers.scoring.engines.weights import ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, Weights
from workers.scoring.engines.word_table import WordTable


class TableParts(NamedTuple):
    """All that reading a text needs."""

    tokenizer: Tokenizer
    table: WordTable
    session: Any


class TableSession:
    """A graph of a folder of weights. Every text gets the manifest's ``prefix`` of pieces, with which the encoder was
    trained."""

    def __init__(self, weights: Weights, *, graph: str = ONNX_FILE, threads: int = 1) -> None:
        """``graph`` is the name of its file. Raises ModelUnavailable if a file is missing or not the one in the
        manifest."""
        self.prefix: list[int] = list(weights.manifest.get("prefix", ()))
        self._weights, self._graph, self._threads = weights, graph, threads
        self._files = {file: weights.verified(file) for file in (graph, TABLE_FILE, TOKENIZER_FILE)}

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Whole texts as tokens, without the prefix."""
        return list(self.tokenizer.encode_batch(list(texts)))

    def with_prefix(self, encodings: Iterable[Encoding]) -> list[list[int]]:
        """The ids that the graph reads: the prefix comes after the token with which every text begins."""
        return [[*e.ids[:1], *self.prefix, *e.ids[1:]] for e in encodings]

    def run(self, ids: Sequence[Sequence[int]], outputs: Iterable[str]) -> dict[str, Floats]:
        """The named outputs, of rows that are padded to the longest."""
        names = sorted(outputs)
        return dict(zip(names, self._opened.session.run(names, self.feed(ids)), strict=True))

    def feed(self, ids: Sequence[Sequence[int]]) -> dict[str, Any]:
        """The inputs of the graph for rows of ids."""
        padded = np.full((len(ids), max(map(len, ids))), self._pad_id, dtype=np.int64)
        mask = np.zeros(padded.shape, dtype=np.int64)
        for row, own in enumerate(ids):
            padded[row, : len(own)] = own
            mask[row, : len(own)] = 1
        return {"words": self._opened.table.rows(padded), "attention_mask": mask}

    @property
    def _pad_id(self) -> int:
        return int(self._weights.manifest["pad_id"])

    @property
    def tokenizer(self) -> Tokenizer:
        return self._opened.tokenizer

    @cached_property  # opening takes 1 s of the processor, and starts with the first comment in its languages
    def _opened(self) -> TableParts:
        """The graph has all optimisers, since the weights were calibrated so: without one, sums are rounded otherwise,
        and Vietnamese held 3.8 instead of 2.9 % of civil comments."""
        manifest = self._weights.manifest
        return TableParts(
            open_tokenizer(self._files[TOKENIZER_FILE], manifest["files"][TOKENIZER_FILE]),
            WordTable(self._files[TABLE_FILE], int(manifest["hidden"])),
            open_session(self._files[self._graph], self._threads, without=()),
        )
