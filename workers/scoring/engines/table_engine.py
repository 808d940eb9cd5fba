"""Runs the bundled multilingual encoder, whose word table is mapped into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tokenizers import Encoding

from workers.scoring.engines.onnx import (
    BATCH_TOKENS,
    LOGITS,
    VECTOR,
    EngineReading,
    Floats,
    knows_pictures,
    packed,
    reading,
)
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import Weights

OUTPUTS = (LOGITS, VECTOR)
"""In every such graph."""


class TableEngine:
    """Labels and vectors. ``max_tokens`` is without the prefix of every text."""

    def __init__(self, weights: Weights, *, threads: int = 1, batch_tokens: int = BATCH_TOKENS) -> None:
        """Raises ModelUnavailable if a file is missing or not the one in the manifest."""
        self.labels = weights.labels
        self._session = TableSession(weights, threads=threads)
        self.max_tokens = weights.max_tokens - len(self._session.prefix)
        self.batch_tokens = batch_tokens
        self.outputs = frozenset((*OUTPUTS, *weights.manifest.get("outputs", ())))
        """As the manifest names them, so that asking does not open the graph."""

    @property
    def knows_pictures(self) -> bool:
        return knows_pictures(self._session.tokenizer)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Whole texts as tokens, without the prefix."""
        return self._session.encode(texts)

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:  # noqa: ARG002
        """Reads only the encodings: the texts are for engines that tokenize for themselves. Vectors have the shape
        (texts, hidden)."""
        ids = self._session.with_prefix(encodings)
        lengths = [len(own) for own in ids]
        batches = list(packed(lengths, self.batch_tokens))
        runs = [self._session.run([ids[i] for i in batch], self.outputs) for batch in batches]
        whole = reading(runs, batches, lengths, len(self.labels))
        return whole if whole.carried is None else replace(whole, carried=tuple(map(self._unprefixed, whole.carried)))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities

    def _unprefixed(self, carried: Floats) -> Floats:
        """Shape (tokens, labels), for the tokens of the text alone."""
        return np.delete(carried, slice(1, 1 + len(self._session.prefix)), axis=0)
