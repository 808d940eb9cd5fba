"""Score many texts with a checkpoint, as `Detoxify.predict` would score each alone."""

from pathlib import Path

import numpy as np
import torch

from training.batches import encode, packed, padded
from training.checkpoint import base_folder, model_from
from training.dataset import LABELS, Floats

SCORING_TOKENS = 512
"""Detoxify cuts there, so the evaluation does too."""


def logits_of(checkpoint: Path, texts: tuple[str, ...], *, threads: int = 1, half: bool = False) -> Floats:
    """Logits of shape (texts, labels); `half` trades three decimal places for half the time."""
    torch.set_num_threads(threads)
    model = model_from(checkpoint).eval()
    encoded = encode(texts, base_folder() / "tokenizer.json", SCORING_TOKENS)
    lengths = np.asarray([len(ids) for ids in encoded], dtype=np.int64)
    logits = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        for batch in packed(np.argsort(lengths, kind="stable"), lengths, 2048):
            ids, mask = padded(encoded, batch)
            logits[batch] = model(input_ids=ids, attention_mask=mask).logits.float().numpy()
    return logits


def probabilities(logits: Floats) -> Floats:
    """The sigmoid of the logits."""
    return (1.0 / (1.0 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
