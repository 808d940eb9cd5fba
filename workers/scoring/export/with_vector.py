"""An encoder of the BERT kind that gives the vector of a text beside its labels, in the same run. Importing this module
imports torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

DIMENSIONS = 384


class WithVector(nn.Module):
    """Logits of the labels, shape (rows, labels), and unit vectors, shape (rows, dimensions).

    The vector is a projection of the means of the tokens after half of the layers and after all: the middle knows best
    what a text is about, because the last layers serve the labels.
    """

    def __init__(self, classifier: Any) -> None:
        """``classifier`` is a ``BertForSequenceClassification`` of transformers."""
        super().__init__()
        self.classifier = classifier
        self.vector = nn.Linear(2 * classifier.config.hidden_size, DIMENSIONS, bias=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        logits, means = self.logits_and_means(input_ids, attention_mask)
        return logits, normalize(self.vector(means).float(), dim=-1)

    def logits_and_means(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the two means side by side: shape (rows, 2 x hidden)."""
        out = self.classifier.bert(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        layers = out.hidden_states
        share = attention_mask.unsqueeze(-1).to(layers[-1].dtype)
        tokens = share.sum(dim=1).clamp(min=1)
        means = [(layer * share).sum(dim=1) / tokens for layer in (layers[len(layers) // 2], layers[-1])]
        return self.classifier.classifier(out.pooler_output), torch.cat(means, dim=-1)


def write_projection(model: WithVector, path: Path) -> None:
    """Writes the projection in half precision; the classifier has a file of its own."""
    np.savez(path, vector=model.vector.weight.detach().numpy().astype(np.float16))


def with_projection(classifier: Any, path: Path) -> WithVector:
    """The classifier with the projection that ``write_projection`` wrote."""
    model = WithVector(classifier)
    with np.load(path) as file, torch.no_grad():
        model.vector.weight.copy_(torch.from_numpy(file["vector"].astype(np.float32)))
    return model.eval()
