"""Train the toxicity weights: masked binary cross-entropy on soft labels, in batches of like lengths."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertModel

from training.loop.batches import Ids, as_scored, bucketed, encode, padded
from training.loop.checkpoint import base_folder, fresh_model, model_from, write_checkpoint
from training.loop.labelled_sitting import LabelledSitting, Numbers, masked_loss
from training.loop.sitting import Settings
from training.rows.dataset import Floats, Rows
from training.toxicity.one_pass import fit_on_some
from workers.scoring.engines.weights import VECTOR_FILE
from workers.scoring.export.with_vector import WithVector, write_projection

CHECKPOINT = "toxicity.ckpt"
VECTOR_SHARE = 2.0
"""Of the vectors in the loss, beside the labels' cross-entropy: about as much of the gradient as the labels have."""


HAS_BFLOAT16 = torch.backends.cpu.get_cpu_capability().startswith(("AVX512", "AMX"))
"""Where the processor has no instructions for it, half precision takes seventeen times as long as single."""


@dataclass(frozen=True, slots=True)
class Recipe(Settings):
    """``init`` is a checkpoint to continue from, none means the base weights. So many of the lowest layers stay as they
    are, and with them what a token is before the first."""

    learning_rate: float = 1e-4
    save_every: int = 300
    epochs: float = 1.5
    init: Path | None = None
    frozen_layers: int = 0


def train(rows: Rows, out: Path, recipe: Recipe, vectors: Floats | None = None) -> Path:
    """Train on the rows, write checkpoints into `out` as the run goes on, and return the last one.

    With `vectors` of shape (rows, dimensions), NaN where a row has none, the second output of the encoder learns them.
    """
    torch.set_num_threads(1)  # before anything runs: threads of the parent would not survive the fork
    torch.manual_seed(recipe.seed)
    run = _Run(rows, out, recipe, vectors)
    run.run()
    run.end()
    return out / CHECKPOINT


def planned_batches(encoded: list[Ids], recipe: Recipe) -> list[NDArray[np.int64]]:
    """The batches of the whole run, in order: the same seed gives the same plan, so a run can be taken up again."""
    lengths = np.asarray([len(ids) for ids in encoded], dtype=np.int64)
    plan: list[NDArray[np.int64]] = []
    for epoch in range(int(np.ceil(recipe.epochs))):
        share = min(1.0, recipe.epochs - epoch)
        batches = bucketed(lengths, seed=recipe.seed + epoch)
        plan += batches[: max(1, round(len(batches) * share))]
    return plan


def distance(vectors: torch.Tensor, aims: torch.Tensor) -> torch.Tensor:
    """The sum of one minus the cosine, both of shape (rows, dimensions), over the rows that have an aim."""
    given = ~torch.isnan(aims[:, 0])
    return (1 - (vectors[given] * aims[given]).sum(dim=1)).sum()


def freeze(encoder: BertModel, layers: int) -> None:
    """Keeps the lowest layers as they are. No gradient is carried through them, so a step takes half of the time where
    half of the layers stay."""
    if layers:
        for part in (encoder.embeddings, *encoder.encoder.layer[:layers]):
            part.requires_grad_(False)


class _Run(LabelledSitting):
    def __init__(self, rows: Rows, out: Path, recipe: Recipe, vectors: Floats | None) -> None:
        self.vectors = None if vectors is None else torch.from_numpy(vectors)
        self.labels, self.weights = torch.from_numpy(rows.labels), torch.from_numpy(rows.weights)
        self.encoded = encode(as_scored(rows.texts), base_folder() / "tokenizer.json")
        self.plan = planned_batches(self.encoded, recipe)
        self.model = WithVector(model_from(recipe.init) if recipe.init else fresh_model())
        if vectors is not None:
            fit_on_some(self.model, rows.texts, vectors)
        freeze(self.model.classifier.bert, recipe.frozen_layers)
        self.model.train()
        super().__init__(self.model, out, recipe, len(self.plan))

    def write(self) -> None:
        write_checkpoint(self.model.classifier, self.out / CHECKPOINT)
        if self.vectors is not None:
            write_projection(self.model, self.out / VECTOR_FILE)

    def loss(self, chunk: Numbers, scale: torch.Tensor, rows: int) -> torch.Tensor:
        ids, mask = padded(self.encoded, chunk)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
            logits, vectors = self.model(ids, mask)
        of_labels = masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale
        if self.vectors is None:
            return of_labels
        return of_labels + VECTOR_SHARE * distance(vectors, self.vectors[chunk]) / rows
