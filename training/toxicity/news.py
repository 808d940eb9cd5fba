"""The tenth stage, in which weights learn from comments on news.

Their vectors learn to stay as they are, so relevance, and what it was calibrated on, stays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from training.loop.batches import as_scored, encode, packed, padded
from training.loop.checkpoint import base_folder, model_from
from training.rows.dataset import Floats, Rows
from training.rows.news_mix import news_mix
from training.toxicity.one_pass import texts_to_compare, with_texts
from training.toxicity.stage import Recipe
from workers.scoring.export.with_vector import DIMENSIONS, with_projection

TENTH = Recipe(epochs=2.0, learning_rate=1.2e-4, warm_up=0.03, seed=171)

SHARE = 0.3
"""So many of the rows with labels are taught vectors, too."""


def own_vectors(rows: Rows, checkpoint: Path, projection: Path, *, share: float = SHARE, seed: int = 14) -> Floats:
    """The vectors that weights give now, shape (rows, dimensions): of rows without labels, and of a draw of the others.
    NaN elsewhere."""
    torch.set_num_threads(1)
    model = with_projection(model_from(checkpoint), projection)
    unlabelled = np.all(np.isnan(rows.labels), axis=1)
    asked = np.flatnonzero(unlabelled | (np.random.default_rng(seed).random(len(rows)) < share))
    encoded = encode(as_scored(tuple(rows.texts[i] for i in asked)), base_folder() / "tokenizer.json")
    lengths = np.asarray([len(ids) for ids in encoded], dtype=np.int64)
    vectors = np.full((len(rows), DIMENSIONS), np.nan, dtype=np.float32)
    with torch.inference_mode():
        for batch in packed(np.argsort(lengths, kind="stable"), lengths, 2048):
            vectors[asked[batch]] = model(*padded(encoded, batch))[1].numpy()
    return vectors


def tenth_rows(data: Path) -> Rows:
    """The rows with labels that the tenth stage reads, and texts from which it learns vectors alone."""
    return with_texts(news_mix(data), texts_to_compare(data), 1)
