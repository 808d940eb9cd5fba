"""Runs the bundled multilingual encoder: its word table is mapped into memory, its layers are an ONNX graph.

It opens both with the first text, because a site that gets comments in English only never needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from workers.scoring.engines import (
    BATCH_TOKENS,
    Floats,
    knows_pictures,
    open_session,
    open_tokenizer,
    packed,
    sigmoid,
)
from workers.scoring.weights import ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, Weights
from workers.scoring.word_table import WordTable

OUTPUTS = ("logits", "vector")


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

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:  # noqa: ARG002
        """Reads only the encodings: the texts are for engines that tokenize for themselves."""
        return self.with_vectors(encodings)[0]

    def with_vectors(self, encodings: Sequence[Encoding]) -> tuple[Floats, Floats]:
        """Probabilities of the shape (texts, labels), and vectors of the shape (texts, hidden)."""
        logits = np.empty((len(encodings), len(self.labels)), dtype=np.float32)
        vectors = np.empty((len(encodings), int(self._weights.manifest["hidden"])), dtype=np.float32)
        ids = [[*e.ids[:1], *self._prefix, *e.ids[1:]] for e in encodings]
        for batch in packed([len(own) for own in ids], self.batch_tokens):
            logits[batch], vectors[batch] = self._run([ids[i] for i in batch])
        return sigmoid(logits), vectors

    def _run(self, ids: Sequence[Sequence[int]]) -> tuple[Floats, Floats]:
        """Logits and vectors of rows that are padded to the longest."""
        padded = np.full((len(ids), max(map(len, ids))), self._pad_id, dtype=np.int64)
        mask = np.zeros(padded.shape, dtype=np.int64)
        for row, own in enumerate(ids):
            padded[row, : len(own)] = own
            mask[row, : len(own)] = 1
        words = self._table.rows(padded)
        logits, vectors = self._session.run(OUTPUTS, {"words": words, "attention_mask": mask})
        return logits, vectors

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
