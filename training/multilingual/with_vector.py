"""The multilingual encoder that gives the vector of a text beside its labels, in the same run."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from training.multilingual.bundled import read_bundled
from training.multilingual.train import Classifier
from workers.scoring.with_vector import DIMENSIONS

FINISHED = "vectors.pt"


class WithVector(nn.Module):
    """Logits of the labels, shape (rows, labels), and unit vectors, shape (rows, dimensions): a projection of the means
    of the tokens after half of the layers and after all."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier
        self.vector = nn.Linear(2 * classifier.encoder.shape.hidden, DIMENSIONS, bias=False)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.of_words(self.classifier.encoder.words(ids), mask)

    def of_words(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The same from rows of the word table, shape (rows, tokens, hidden)."""
        halfway, pooled = self.classifier.encoder.halfway_and_after(words, mask)
        means = torch.cat([halfway, pooled], dim=-1)
        return self.classifier.head(pooled), normalize(self.vector(means).float(), dim=-1)


def read_with_vector(trained: Path, bundled: Path) -> WithVector:
    """The encoder of the joint sitting in one folder; its shape is that of the weights in another."""
    model = WithVector(read_bundled(bundled))
    model.load_state_dict(torch.load(trained / FINISHED, weights_only=True))
    return model.eval()
