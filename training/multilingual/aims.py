"""The vectors that the multilingual encoder learns: what the English encoder would say of a text in any language.

English texts have the English encoder's own vector, and our translations that of their original. For all others the
base, which knows what sentences of different languages have in common, is led over into the same space by a linear map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from moderation.text.folding import fold
from training.batches import packed
from training.dataset import Floats
from training.multilingual.base import BaseFile, read_encoder
from training.multilingual.train import MAX_TOKENS, PREFIX, padded
from workers.scoring.encoder_vectors import EncoderVectors
from workers.scoring.engines import OnnxEngine
from workers.scoring.toxicity import Toxicity
from workers.scoring.vectors import unit
from workers.scoring.weights import Weights

VectorsOf = Callable[[Sequence[str]], Floats]
ENGLISH = "en"
RIDGE = 1.0
BATCH_TOKENS = 4096


def english_vectors(models: Path) -> VectorsOf:
    """Those of the bundled English weights. Raises ModelUnavailable."""
    weights = Weights.read("toxicity", models / "toxicity")
    engine = OnnxEngine(weights)
    vectors = EncoderVectors(Toxicity(engine, weights), engine, weights)

    def read(texts: Sequence[str]) -> Floats:
        return np.concatenate([vectors.vectors(texts[at : at + 512]) for at in range(0, len(texts), 512)])

    return read


def base_vectors(base: Path, tokenizer: Path) -> VectorsOf:
    """Those of all twelve layers of the base."""
    encoder = read_encoder(base, np.arange(BaseFile(base).shape.pieces), tuple(range(12))).eval()
    reader = Tokenizer.from_file(str(tokenizer))
    reader.no_padding()
    reader.enable_truncation(MAX_TOKENS)

    def read(texts: Sequence[str]) -> Floats:
        ids = [one.ids for one in reader.encode_batch_fast([PREFIX + fold(text).text for text in texts])]
        lengths = np.asarray([len(own) for own in ids], dtype=np.int64)
        found = np.zeros((len(texts), encoder.shape.hidden), dtype=np.float32)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for batch in packed(np.argsort(lengths, kind="stable"), lengths, BATCH_TOKENS):
                found[batch] = encoder(*padded([ids[i] for i in batch])).float().numpy()
        return unit(found)

    return read


class IntoEnglishSpace:
    """The linear map from the base's vectors to the English encoder's, fitted by ridge regression. The vectors of each
    language are centred first: they lie close together, whatever they are about."""

    def __init__(self, base: Mapping[str, Floats], aims: Mapping[str, Floats]) -> None:
        """Both by language, row by row of the same texts."""
        self._middle = np.concatenate(list(aims.values())).mean(axis=0)
        left = np.concatenate([rows - rows.mean(axis=0) for rows in base.values()]).astype(np.float64)
        right = np.concatenate([rows - self._middle for rows in aims.values()])
        self._map = np.linalg.solve(left.T @ left + RIDGE * np.eye(left.shape[1]), left.T @ right)

    def of(self, base: Floats) -> Floats:
        """Unit vectors of texts of one language, shape (texts, dimensions)."""
        return unit((base - base.mean(axis=0)) @ self._map + self._middle)
