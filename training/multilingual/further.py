"""``python -m training.multilingual.further DATA MODELS OUT``: a further sitting that goes on from the bundled weights.

Run again, it goes on at its last checkpoint. The rows that ``further_rows`` holds out are left to choose by.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.attention import SDPBackend, sdpa_kernel

from moderation.text.letters.folding import fold
from training.batches import bucketed
from training.dataset import Rows
from training.labelled_sitting import LabelledSitting, Numbers, masked_loss
from training.multilingual.bundled import read_bundled
from training.multilingual.further_rows import read_further
from training.multilingual.train import CEILING, FLOOR, MAX_TOKENS, PREFIX, Classifier, padded
from training.sitting import Settings, save_state
from workers.scoring.engines.weights import TOKENIZER_FILE

FINISHED = "model.pt"
BATCH_TOKENS = 4_096
SEED = 29


class Further(LabelledSitting):
    """The layers after the vectors learn."""

    def __init__(self, rows: Rows, model: Classifier, tokenizer: Tokenizer, out: Path, settings: Settings) -> None:
        self.model = model
        self.labels = torch.from_numpy(np.clip(rows.labels, FLOOR, CEILING))
        self.weights = torch.from_numpy(rows.weights)
        texts = [PREFIX + fold(text).text for text in rows.texts]
        self.ids = [e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch_fast(texts)]
        lengths = np.asarray([len(own) for own in self.ids], dtype=np.int64)
        self.plan = bucketed(lengths, seed=settings.seed, batch_tokens=BATCH_TOKENS)
        freeze(model)
        super().__init__(model, out, settings, len(self.plan))

    def loss(self, chunk: Numbers, scale: torch.Tensor, rows: int) -> torch.Tensor:  # noqa: ARG002
        with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):  # twice as fast here
            logits = self.model(*padded([self.ids[i] for i in chunk]))
        return masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale

    def write(self) -> None:
        save_state(self.model, self.out / FINISHED)


def freeze(model: Classifier) -> None:
    """Only the layers after the vectors learn, so that the vectors stay as they are."""
    encoder = model.encoder
    encoder.requires_grad_(False)
    encoder.layers[len(encoder.layers) // 2 :].requires_grad_(True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "models", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=38.0, help="the sitting ends after so many")
    parser.add_argument("--rate", type=float, default=8e-5, help="the highest learning rate")
    given = parser.parse_args()
    torch.set_num_threads(1)  # before anything runs in this model: threads of the parent would not survive the fork
    folder = given.models / "multilingual"
    rows = read_further(given.data)
    settings = Settings(given.rate, given.minutes, seed=SEED)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    sitting = Further(rows, read_bundled(folder), tokenizer, given.out, settings)
    print(f"{len(rows):,} rows, {len(sitting.plan):,} batches", flush=True)
    sitting.run()


if __name__ == "__main__":
    main()
