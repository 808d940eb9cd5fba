"""Score many texts: with a checkpoint as `Detoxify.predict` scores each alone, or as the workers score comments."""

from pathlib import Path

import numpy as np
import torch

from training.loop.batches import encode, packed, padded
from training.loop.checkpoint import base_folder, model_from
from training.rows.dataset import LABELS, Floats
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import Weights

SCORING_TOKENS = 512
"""Detoxify cuts there."""


def as_workers_score(folder: Path, texts: tuple[str, ...], *, threads: int = 1) -> Floats:
    """Probabilities of shape (texts, labels) by the export in the folder: undisguised, in windows, nothing cut."""
    weights = Weights.read(folder.name, folder)
    scorer = Toxicity(OnnxEngine(weights, threads=threads), weights)
    scores = [scorer.score(texts[start : start + 512]) for start in range(0, len(texts), 512)]
    return np.concatenate(scores)[:, [scorer.signals.index(label) for label in LABELS]]


def logits_of(checkpoint: Path, texts: tuple[str, ...], *, threads: int = 1) -> Floats:
    """Logits of shape (texts, labels)."""
    torch.set_num_threads(threads)
    model = model_from(checkpoint).eval()
    encoded = encode(texts, base_folder() / "tokenizer.json", SCORING_TOKENS)
    lengths = np.asarray([len(ids) for ids in encoded], dtype=np.int64)
    logits = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    with torch.inference_mode():
        for batch in packed(np.argsort(lengths, kind="stable"), lengths, 2048):
            ids, mask = padded(encoded, batch)
            logits[batch] = model(input_ids=ids, attention_mask=mask).logits.numpy()
    return logits


def probabilities(logits: Floats) -> Floats:
    """The sigmoid of the logits."""
    return (1.0 / (1.0 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
