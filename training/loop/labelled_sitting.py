"""A sitting on labelled rows, in batches that are planned beforehand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from training.loop.sitting import Common, Sitting

CHUNKS = 4
"""A batch is cut into so many."""

Numbers = NDArray[np.int64]
"""Of rows."""


class LabelledSitting(Sitting):
    """``labels`` and their ``weights`` have the shape (rows, labels); ``plan`` has the rows of each batch."""

    labels: torch.Tensor
    weights: torch.Tensor
    plan: Sequence[Numbers]

    @abstractmethod
    def loss(self, chunk: Numbers, scale: torch.Tensor, rows: int) -> torch.Tensor:
        """Of a chunk of a batch that has so many rows, whose labels weigh ``scale`` together."""

    def learn(self, step: int, number: int, common: Common) -> float:  # noqa: ARG002
        batch, total = self.plan[step], 0.0
        scale = (self.weights[batch] * ~torch.isnan(self.labels[batch])).sum().clamp(min=1e-6)
        for part in common.parts(CHUNKS):
            if len(chunk := batch[part::CHUNKS]):
                loss = self.loss(chunk, scale, len(batch))
                loss.backward()
                total += float(loss.detach())
        return total


def masked_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted sum of the cross-entropy over the given labels; NaN labels count for nothing."""
    losses = binary_cross_entropy_with_logits(logits, torch.nan_to_num(labels), reduction="none")
    return (losses * weights * ~torch.isnan(labels)).sum()
