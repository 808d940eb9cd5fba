"""Sittings in which a classifier over the base learns from labelled comments, and the first of them.

The word table stays as it is, so that it can be kept in four bits; all else is trained.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.loop.batches import packed
from training.loop.labelled_sitting import LabelledSitting, Numbers, masked_loss
from training.loop.sitting import Settings, save_state
from training.measuring.metrics import auc
from training.multilingual.base import Encoder, read_encoder
from training.multilingual.rows import read_training, read_validation
from training.multilingual.vocabulary import count_pieces, trim
from training.rows.dataset import LABELS, Rows
from workers.scoring.engines.weights import TOKENIZER_FILE

PREFIX = "query: "  # what the base was trained with
MAX_TOKENS = 128
BATCH_TOKENS = 4_096
LEARNING_RATE = 1e-4
WARM_UP = 100  # steps
FLOOR, CEILING = 0.01, 0.98  # single votes cannot vouch for certainty
VALIDATED_PER_SOURCE = 500
FINISHED, PIECES_FILE, VALIDATION_FILE = "model.pt", "pieces.npy", "validation.json"


class Classifier(nn.Module):
    """Logits of the labels, shape (rows, labels), from the mean of the encoder's tokens."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.shape.hidden, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = self.head(self.encoder(ids, mask))
        return logits


class CommentSitting(LabelledSitting):
    """One epoch over the rows, or its first ``most`` batches. All learns but the word table."""

    def __init__(
        self,
        rows: Rows,
        model: Classifier,
        tokenizer: Tokenizer,
        out: Path,
        settings: Settings,
        most: int | None = None,
    ) -> None:
        self.model = model
        self.labels = torch.from_numpy(np.clip(rows.labels, FLOOR, CEILING))
        self.weights = torch.from_numpy(rows.weights)
        self.ids = token_ids(tokenizer, self.as_read(rows.texts))
        lengths = np.asarray([len(own) for own in self.ids], dtype=np.int64)
        self.plan = self.planned(lengths, settings.seed)[:most]
        self.freeze()
        super().__init__(model, out, settings, len(self.plan))

    def as_read(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts as this sitting reads them."""
        return texts

    def planned(self, lengths: Numbers, seed: int) -> list[Numbers]:
        """Batches of rows of like lengths, in random order."""
        return batches_of(lengths, np.random.default_rng(seed))

    def freeze(self) -> None:
        """Says which parameters learn."""
        self.model.encoder.words.weight.requires_grad_(False)

    def rate(self, step: int, done: float) -> float:
        return self.settings.learning_rate * min(1.0, (step + 1) / WARM_UP) * (1 - done)

    def loss(self, chunk: Numbers, scale: Tensor, rows: int) -> Tensor:  # noqa: ARG002
        with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):  # twice as fast here
            logits = self.model(*padded([self.ids[i] for i in chunk]))
        return masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale

    def write(self) -> None:
        save_state(self.model, self.out / FINISHED)


def first_sitting(
    data: Path, base: Path, tokenizer: Path, out: Path, *, batches: int, minutes: float | None, words: Sequence[str]
) -> None:
    """Chooses the pieces of the tokenizer and trains six layers of the base for so many batches of the epoch.

    The pieces of ``words`` are kept, too.
    """
    rows, kept = read_training(data), out / PIECES_FILE
    if not kept.exists():
        counts = count_pieces(Tokenizer.from_file(str(tokenizer)), [*rows.texts, *words, *words])
        np.save(kept, trim(tokenizer, out / TOKENIZER_FILE, counts))
    pieces, trimmed = np.load(kept), Tokenizer.from_file(str(out / TOKENIZER_FILE))
    model = Classifier(read_encoder(base, pieces))
    print(f"{len(rows):,} rows, {len(pieces):,} pieces", flush=True)
    sitting = CommentSitting(rows, model, trimmed, out, Settings(LEARNING_RATE, minutes), batches)
    sitting.run()
    figures = json.dumps(evaluate(read_validation(data), model.eval(), trimmed), indent=2)
    (out / VALIDATION_FILE).write_text(figures + "\n", encoding="utf-8")
    print(figures, flush=True)
    sitting.end()


def token_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """With the prefix, cut at ``MAX_TOKENS``."""
    return [e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch_fast([PREFIX + text for text in texts])]


def batches_of(lengths: Numbers, random: np.random.Generator) -> list[Numbers]:
    """Batches of rows of like lengths, at most ``BATCH_TOKENS`` padded tokens each, in random order."""
    order = np.lexsort((random.random(len(lengths)), lengths))
    batches = list(packed(order, lengths, BATCH_TOKENS))
    random.shuffle(batches)
    return batches


def padded(ids: list[list[int]], pad: int = 1) -> tuple[Tensor, Tensor]:
    """Ids and mask of the shape (rows, longest)."""
    longest = max(map(len, ids))
    matrix = torch.full((len(ids), longest), pad, dtype=torch.int64)
    for row, own in zip(matrix, ids, strict=True):
        row[: len(own)] = torch.tensor(own)
    return matrix, matrix != pad


def evaluate(rows: Rows, model: Classifier, tokenizer: Tokenizer) -> dict[str, float]:
    """AUC of toxicity for each source with both classes, over its first ``VALIDATED_PER_SOURCE`` rows."""
    areas = {}
    toxicity: NDArray[np.float32] = rows.labels[:, 0]
    for source in sorted(set(rows.sources)):
        own = [i for i, name in enumerate(rows.sources) if name == source and not np.isnan(toxicity[i])]
        own = own[:VALIDATED_PER_SOURCE]
        truth = toxicity[own] >= 0.5
        if 5 <= truth.sum() <= len(own) - 5:
            value = auc(scores(model, tokenizer, [rows.texts[i] for i in own]), truth)
            areas[source] = round(value or 0.0, 4)
    return areas


def scores(model: Classifier, tokenizer: Tokenizer, texts: list[str]) -> NDArray[np.float32]:
    """The logit of toxicity of each text, shape (texts,)."""
    result = np.empty(len(texts), dtype=np.float32)
    ids = token_ids(tokenizer, texts)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in batches_in_order(ids):
            result[batch] = model(*padded([ids[i] for i in batch]))[:, 0].float().numpy()
    return result


def batches_in_order(ids: list[list[int]]) -> Iterator[Numbers]:
    yield from batches_of(np.asarray([len(own) for own in ids], dtype=np.int64), np.random.default_rng(0))
