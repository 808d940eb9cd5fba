"""Detoxify as its authors load and run it: every export is measured against it. Importing this module imports torch."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from detoxify import Detoxify
from detoxify.detoxify import MODEL_URLS
from tokenizers import Encoding, Tokenizer

from moderation.ground.errors import ModelUnavailable
from workers.scoring.engines.onnx import BATCH_TOKENS, LOGITS, EngineReading, Floats, knows_pictures, packed, uncut
from workers.scoring.engines.weights import Weights


class TorchEngine:
    """``Detoxify.predict`` behind the interface of the engines. It is slow and large."""

    outputs = frozenset({LOGITS})

    def __init__(self, detoxify: Any, *, max_tokens: int, batch_tokens: int = BATCH_TOKENS) -> None:
        self.labels: tuple[str, ...] = tuple(detoxify.class_names)
        self.max_tokens = max_tokens
        self.batch_tokens = batch_tokens
        self._detoxify = detoxify
        self._tokenizer = uncut(Tokenizer.from_str(detoxify.tokenizer.backend_tokenizer.to_str()))
        self.knows_pictures = knows_pictures(self._tokenizer)

    @classmethod
    def load(cls, name: str, weights: Weights | None, *, threads: int = 1) -> TorchEngine:
        """Loads official weights by name, or weights from a folder."""
        detoxify = load_detoxify(name, weights)
        torch.set_num_threads(threads)
        return cls(detoxify, max_tokens=token_limit(detoxify))

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(list(texts)))

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        return EngineReading(self.probabilities(texts, encodings))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        results = np.empty((len(texts), len(self.labels)), dtype=np.float32)
        for batch in packed([len(e.ids) for e in encodings], self.batch_tokens):
            predicted = self._detoxify.predict([texts[i] for i in batch])
            for column, label in enumerate(self.labels):
                results[batch, column] = np.atleast_1d(predicted[label])  # Detoxify gives one float for a list of one
        return results


def load_detoxify(name: str, weights: Weights | None) -> Any:
    """Detoxify's own object in float32: by an official name or, without a network, from a folder's verified
    checkpoint."""
    detoxify = _downloaded(name) if weights is None else _from_folder(weights)
    detoxify.model.float().eval()  # half-precision checkpoints stay so when loaded, and are very slow on a CPU
    return detoxify


def relocated(checkpoint: Path) -> io.BytesIO:
    """The checkpoint with its own folder as its model type.

    Detoxify 0.5.4 reads the configuration from ``arch.args.model_type`` even if it is given a path for it.
    """
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    content["config"]["arch"]["args"]["model_type"] = str(checkpoint.parent)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    buffer.seek(0)
    return buffer


def token_limit(detoxify: Any) -> int:
    """How many tokens the architecture takes. RoBERTa's first position comes after its padding index."""
    config = detoxify.model.config
    reserved = config.pad_token_id + 1 if "roberta" in config.model_type else 0
    return int(min(config.max_position_embeddings - reserved, detoxify.tokenizer.model_max_length))


def downloaded_file(name: str) -> Path:
    """The path at which torch keeps the downloaded checkpoint of an official name."""
    return Path(torch.hub.get_dir()) / "checkpoints" / str(MODEL_URLS[name]).rsplit("/", 1)[1]


NO_CHECKPOINT = (OSError, RuntimeError, KeyError, TypeError, ValueError, AttributeError, EOFError, UnpicklingError)
"""The errors that torch and Detoxify raise for a file that is cut off or of another kind."""


def _from_folder(weights: Weights) -> Any:
    checkpoint = weights.verified(weights.checkpoint.name)
    try:
        return Detoxify(checkpoint=relocated(checkpoint), huggingface_config_path=str(weights.folder))
    except NO_CHECKPOINT as e:
        raise ModelUnavailable(f"Detoxify cannot load the checkpoint {checkpoint}: {e}") from e


def _downloaded(name: str) -> Any:
    try:
        return Detoxify(model_type=name)
    except OSError as e:
        raise ModelUnavailable(f"weights {name!r} are not on this machine and could not be downloaded: {e}") from e
    except NO_CHECKPOINT as e:
        file = downloaded_file(name)
        raise ModelUnavailable(f"{file} is not a checkpoint: delete it, and Gavel downloads it again: {e}") from e
