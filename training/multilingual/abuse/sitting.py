"""The fifth sitting: the layers after the vectors, and the head, go on from the fourth."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.loop.sitting import Settings
from training.multilingual.abuse.kinds import SEED, read_fifth
from training.multilingual.bundled import read_bundled
from training.multilingual.further import Further
from workers.scoring.engines.weights import TOKENIZER_FILE

RATE, MINUTES = 8e-5, 30.0


class Fifth(Further):
    """The layers after the vectors learn, and the head with them."""

    def freeze(self) -> None:
        super().freeze()
        self.model.head.requires_grad_(True)


def fifth_sitting(data: Path, bundled: Path, before: Path, out: Path, minutes: float = MINUTES) -> None:
    """Trains into ``out`` from the file of the sitting ``before``; ``bundled`` has the tokenizer and the shape."""
    model = read_bundled(bundled)
    model.load_state_dict(torch.load(before, weights_only=True))
    rows, tokenizer = read_fifth(data), Tokenizer.from_file(str(bundled / TOKENIZER_FILE))
    sitting = Fifth(rows, model, tokenizer, out, Settings(RATE, minutes, seed=SEED))
    print(f"{len(rows):,} rows, {len(sitting.plan):,} batches", flush=True)
    sitting.run()
    sitting.end()
