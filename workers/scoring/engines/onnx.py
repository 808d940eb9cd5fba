"""Runs exported weights over texts with ONNX Runtime: the default engine, without torch.

It cuts nothing: callers keep every text within ``max_tokens``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from moderation.ground.errors import ModelUnavailable
from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.engines.weights import ONNX_FILE, TOKENIZER_FILE, Weights

Floats = NDArray[np.float32]

LOGITS, VECTOR, CARRIED, ATTRIBUTIONS = "logits", "vector", "carried", "pulls"  # as exported graphs name them
"""The outputs that a graph may have, all from one run. Only the first is in every graph."""

BATCH_TOKENS = 256
"""Padded tokens in one call. Larger batches do not fit the processor's cache, see bench/engines.py."""


@dataclass(frozen=True, slots=True)
class EngineReading:
    """The results of one run over texts: probabilities of the shape (texts, labels), vectors of the shape (texts,
    dimensions), and for each text how much its tokens add to the log-odds, shape (tokens, labels), and how they
    move its vector, shape (tokens, directions).

    All but the first are None if the weights do not have that output.
    """

    probabilities: Floats
    vectors: Floats | None = None
    carried: tuple[Floats, ...] | None = None
    attributions: tuple[Floats, ...] | None = None


class Engine(Protocol):
    """Turns texts into probabilities, one column per label in ``labels``."""

    labels: tuple[str, ...]
    max_tokens: int

    @property
    def knows_pictures(self) -> bool:
        """Whether the vocabulary has pieces for emoji."""

    @property
    def outputs(self) -> frozenset[str]:
        """``LOGITS``, and those of the other outputs that this engine's readings have."""

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Whole texts as tokens, with special tokens, and their positions in characters."""

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        """All outputs in one run, in the order of the texts."""

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        """Shape (texts, labels), in the order of the texts."""


class OnnxEngine:
    """An exported model in this process: one session, and one thread unless more are asked for."""

    def __init__(self, weights: Weights, *, threads: int = 1, batch_tokens: int = BATCH_TOKENS) -> None:
        self.labels = weights.labels
        self.max_tokens = weights.max_tokens
        self.batch_tokens = batch_tokens
        self._session = OnnxSession(weights, threads=threads)
        self.knows_pictures = knows_pictures(self._session.tokenizer)
        self.outputs = frozenset(self._session.outputs)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return self._session.encode(texts)

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:  # noqa: ARG002
        """Reads only the encodings: the texts are for engines that tokenize for themselves."""
        lengths = list(map(len, encodings))
        batches = list(packed(lengths, self.batch_tokens))
        runs = [self._session.read([encodings[i] for i in batch]) for batch in batches]
        return reading(runs, batches, lengths, len(self.labels))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities


def reading(
    runs: Sequence[Mapping[str, Floats]], batches: Sequence[Sequence[int]], lengths: Sequence[int], labels: int
) -> EngineReading:
    """The outputs of a graph's runs over batches, in the order of the texts. ``lengths`` has the tokens of each."""
    order = [text for batch in batches for text in batch]
    if not order:
        return EngineReading(np.zeros((0, labels), dtype=np.float32))
    back = np.argsort(order)
    logits = np.concatenate([run[LOGITS] for run in runs])[back]
    vectors = np.concatenate([run[VECTOR] for run in runs])[back] if VECTOR in runs[0] else None
    carried, attributions = (_by_token(runs, name, back, lengths) for name in (CARRIED, ATTRIBUTIONS))
    return EngineReading(sigmoid(logits), vectors, carried, attributions)


def _by_token(
    runs: Sequence[Mapping[str, Floats]], name: str, places: NDArray[np.int64], lengths: Sequence[int]
) -> tuple[Floats, ...] | None:
    """An output that has numbers for each token, without padding: views, since almost no text is asked about them."""
    if name not in runs[0]:
        return None
    rows = [row for run in runs for row in run[name]]
    return tuple(rows[place][: lengths[text]] for text, place in enumerate(places.tolist()))


class OnnxSession:
    """An ONNX graph and its tokenizer. Both are checked against the manifest before they are opened."""

    def __init__(self, weights: Weights, *, threads: int) -> None:
        tokenizer, graph = weights.verified(TOKENIZER_FILE), weights.verified(ONNX_FILE)
        self.tokenizer = open_tokenizer(tokenizer, weights.manifest["files"][TOKENIZER_FILE])
        self._session = open_session(graph, threads)
        self._pad_id = int(weights.manifest.get("pad_id", 0))
        self.outputs: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Whole texts as tokens, uncut and without padding."""
        return list(self.tokenizer.encode_batch(list(texts)))

    def run(self, encodings: Sequence[Encoding]) -> Floats:
        """The graph's first output, shape (texts, columns)."""
        return self.read(encodings)[self.outputs[0]]

    def read(self, encodings: Sequence[Encoding]) -> dict[str, Floats]:
        """Calls the graph once, over rows padded to the longest. Each output has the shape (texts, …)."""
        ids = np.full((len(encodings), max(map(len, encodings))), self._pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        arrays = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return dict(zip(self.outputs, arrays, strict=True))


def uncut(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer without the truncation and padding that its file may ask for."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def knows_pictures(tokenizer: Tokenizer) -> bool:
    """Whether the tokenizer has more for a common emoji than an unknown sign."""
    encoding = tokenizer.encode("\U0001f602", add_special_tokens=False)
    return bool(encoding.tokens) and all(token.lower().strip("[]<>") != "unk" for token in encoding.tokens)


def packed(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Positions in batches of similar lengths. Each has at most ``batch_tokens`` with its padding, or is one long
    row."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[index] * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def sigmoid(logits: Floats) -> Floats:
    """Elementwise, without overflow for large negative values."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=np.float32)


def logit(probabilities: Floats) -> Floats:
    """The inverse of ``sigmoid``, finite at 0 and 1."""
    inside = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float32)


SLOWER_FUSED = ("SkipLayerNormFusion",)
"""ONNX Runtime joins a sum and the layer norm after it into an operator that has no vector instructions for this
processor: six of them took 11 % of the encoder's time, and take 3 % apart."""

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
"""There is a worker for each core. The tokenizers would hand a batch's texts to threads
of their own, which costs up to half as much time again, and no budget sees it."""

_OPEN_TOKENIZERS: dict[str, Tokenizer] = {}


def open_tokenizer(file: Path, sha256: str) -> Tokenizer:
    """Models with the same tokenizer share it: each costs 20 MB."""
    if sha256 not in _OPEN_TOKENIZERS:
        _OPEN_TOKENIZERS[sha256] = uncut(Tokenizer.from_file(str(file)))
    return _OPEN_TOKENIZERS[sha256]


def open_session(graph: Path, threads: int, *, without: Sequence[str] = SLOWER_FUSED) -> Any:
    """``without`` names optimisers of ONNX Runtime that are left out. Raises ModelUnavailable."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(without)
        )
    except Exception as e:  # onnxruntime raises its own classes, which share no base
        raise ModelUnavailable(f"{graph} cannot be opened by ONNX Runtime: {e}") from e
