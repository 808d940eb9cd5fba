"""A further sitting that goes on from the bundled weights.

The rows that ``further_rows`` holds out are left to choose by.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from moderation.judging.text.letters.folding import fold
from training.loop.batches import bucketed
from training.loop.labelled_sitting import Numbers
from training.loop.sitting import Settings, Sitting
from training.multilingual.bundled import read_bundled
from training.multilingual.further_rows import read_further
from training.multilingual.train import CommentSitting
from workers.scoring.engines.weights import TOKENIZER_FILE

BATCH_TOKENS = 4_096
SEED = 29
RATE = 8e-5
MINUTES = 38.0


class Further(CommentSitting):
    """The layers after the vectors learn."""

    def as_read(self, texts: Sequence[str]) -> Sequence[str]:
        return [fold(text).text for text in texts]

    def planned(self, lengths: Numbers, seed: int) -> list[Numbers]:
        return bucketed(lengths, seed=seed, batch_tokens=BATCH_TOKENS)

    def freeze(self) -> None:
        """So that the vectors stay as they are."""
        encoder = self.model.encoder
        encoder.requires_grad_(False)
        encoder.layers[len(encoder.layers) // 2 :].requires_grad_(True)

    def rate(self, step: int, done: float) -> float:
        return Sitting.rate(self, step, done)


def further_sitting(data: Path, bundled: Path, out: Path, minutes: float = MINUTES) -> None:
    """Trains into ``out`` from the weights in the folder ``bundled``."""
    rows = read_further(data)
    tokenizer = Tokenizer.from_file(str(bundled / TOKENIZER_FILE))
    sitting = Further(rows, read_bundled(bundled), tokenizer, out, Settings(RATE, minutes, seed=SEED))
    print(f"{len(rows):,} rows, {len(sitting.plan):,} batches", flush=True)
    sitting.run()
    sitting.end()
