"""Runs the bundled multilingual encoder: its word table is mapped into memory, its layers are an ONNX graph.

It opens both with the first text, because a site that gets comments in English only never needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from workers.scoring.engines import (
    BATCH_TOKENS,
    LOGITS,
    VECTOR,
    Floats,
    Reading,
    knows_pictures,
    open_session,
    open_tokenizer,
    packed,
    reading,
)
from workers.scoring.weights import ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, Weights
from workers.scoring.word_table import WordTable

OUTPUTS = (LOGITS, VECTOR)
"""In every such graph."""


class TableEngine:
    """Every text gets the manifest's ``prefix`` of pieces, with which the encoder was trained. ``max_tokens`` is
    without it."""

    def __init__(self, weights: Weights, *, threads: int = 1, batch_tokens: int = BATCH_TOKENS) -> None:
        """Raises ModelUnavailable if a file is missing or not the one in the manifest."""
        self.labels = weights.labels
        self._prefix: list[int] = list(weights.manifest.get("prefix", ()))
        self.max_tokens = weights.max_tokens - len(self._prefix)
        self.batch_tokens = batch_tokens
        self._weights, self._threads = weights, threads
        self._files = {file: weights.verified(file) for file in (ONNX_FILE, TABLE_FILE, TOKENIZER_FILE)}

    @cached_property
    def knows_pictures(self) -> bool:
        return knows_pictures(self._tokenizer)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Whole texts as tokens, without the prefix."""
        return list(self._tokenizer.encode_batch(list(texts)))

    @cached_property
    def outputs(self) -> frozenset[str]:
        """As the manifest names them, so that asking does not open the graph."""
        return frozenset((*OUTPUTS, *self._weights.manifest.get("outputs", ())))

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Reading:  # noqa: ARG002
        """Reads only the encodings: the texts are for engines that tokenize for themselves. Vectors have the shape
        (texts, hidden)."""
        ids = [[*e.ids[:1], *self._prefix, *e.ids[1:]] for e in encodings]
        lengths = [len(own) for own in ids]
        batches = list(packed(lengths, self.batch_tokens))
        runs = [self._run([ids[i] for i in batch]) for batch in batches]
        found = reading(runs, batches, lengths, len(self.labels))
        return found if found.carried is None else replace(found, carried=tuple(map(self._unprefixed, found.carried)))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities

    def _unprefixed(self, carried: Floats) -> Floats:
        """Shape (tokens, labels), for the tokens of the text alone."""
        return np.delete(carried, slice(1, 1 + len(self._prefix)), axis=0)

    def _run(self, ids: Sequence[Sequence[int]]) -> dict[str, Floats]:
        """The outputs of rows that are padded to the longest."""
        padded = np.full((len(ids), max(map(len, ids))), self._pad_id, dtype=np.int64)
        mask = np.zeros(padded.shape, dtype=np.int64)
        for row, own in enumerate(ids):
            padded[row, : len(own)] = own
            mask[row, : len(own)] = 1
        words = self._table.rows(padded)
        names = sorted(self.outputs)
        found = self._session.run(names, {"words": words, "attention_mask": mask})
        return dict(zip(names, found, strict=True))

    @property
    def _pad_id(self) -> int:
        return int(self._weights.manifest["pad_id"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer(self._files[TOKENIZER_FILE], self._weights.manifest["files"][TOKENIZER_FILE])

    @cached_property
    def _table(self) -> WordTable:
        return WordTable(self._files[TABLE_FILE], int(self._weights.manifest["hidden"]))

    @cached_property
    def _session(self) -> Any:
        return open_session(self._files[ONNX_FILE], self._threads)
