"""Train the toxicity weights: masked binary cross-entropy on soft labels, in batches of like lengths.

Every few hundred steps the weights and the optimiser's state are written, and a run that was cut off goes on there.
"""

import argparse
import json
import multiprocessing
import sys
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertForSequenceClassification

from training.batches import Ids, bucketed, encode, padded
from training.checkpoint import base_folder, fresh_model, model_from, write_checkpoint
from training.dataset import TRAIN_FILE, Rows, read_rows
from training.shared import SharedAdamW, SharedWeights, join_all

CHECKPOINT = "toxicity.ckpt"
RESUME = "resume.pt"
CHUNKS = 4
"""A batch is cut into so many chunks, and whichever process is free takes the next: on a busy machine none waits long."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; `init` is a checkpoint to go on from, none means the base weights."""

    epochs: float = 1.5
    learning_rate: float = 1e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    processes: int = 2
    save_every: int = 300
    seed: int = 7
    init: Path | None = None


def train(rows: Rows, out: Path, recipe: Recipe) -> Path:
    """Train on the rows, write checkpoints into `out` as the run goes on, and return the last one."""
    torch.set_num_threads(1)  # before anything runs: threads of the parent would not survive the fork
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    run = _Run(rows, out, recipe)
    context = multiprocessing.get_context("fork")
    barrier, taken, loss = context.Barrier(recipe.processes), context.Value("i", 0), context.Value("d", 0.0)
    members = [
        context.Process(target=run.go, args=(number, barrier, taken, loss)) for number in range(recipe.processes)
    ]
    for member in members:
        member.start()
    join_all(members, barrier)
    write_checkpoint(run.model, out / CHECKPOINT)
    (out / RESUME).unlink(missing_ok=True)
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


def learning_rate_at(step: int, steps: int, recipe: Recipe) -> float:
    """Linear warm-up, then linear decay to zero."""
    warm = max(1, round(recipe.warmup * steps))
    return recipe.learning_rate * min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def masked_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted sum of the cross-entropy over the labels that somebody gave; NaN labels count for nothing."""
    losses = binary_cross_entropy_with_logits(logits, torch.nan_to_num(labels), reduction="none")
    return (losses * weights * ~torch.isnan(labels)).sum()


class _Run:
    """One training run, shared by its processes: model, plan and step."""

    def __init__(self, rows: Rows, out: Path, recipe: Recipe) -> None:
        self.recipe, self.out = recipe, out
        self.labels, self.weights = torch.from_numpy(rows.labels), torch.from_numpy(rows.weights)
        self.encoded = encode(rows.texts, base_folder() / "tokenizer.json")
        self.plan = planned_batches(self.encoded, recipe)
        self.model: BertForSequenceClassification = model_from(recipe.init) if recipe.init else fresh_model()
        self.shared = SharedWeights(self.model, recipe.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0

    def go(self, number: int, barrier: Barrier, taken: "Synchronized[int]", loss: "Synchronized[float]") -> None:
        """The work of one process, from the first step to the last."""
        gradients = self.shared.use_gradients_of(number)
        optimizer = SharedAdamW(self.shared, number, barrier, self.recipe.weight_decay)
        optimizer.start_at(self.first)
        progress = _Progress(self.out, self.first, len(self.plan))
        self.model.train()
        for step in range(self.first, len(self.plan)):
            gradients.zero_()
            self.learn(self.plan[step], taken, loss)
            optimizer.step(learning_rate_at(step, len(self.plan), self.recipe))
            if number == 0:
                progress.add(step + 1, loss.value)
                taken.value, loss.value = 0, 0.0
                if (step + 1) % self.recipe.save_every == 0:
                    self.shared.save(self.out / RESUME, step + 1)
                    write_checkpoint(self.model, self.out / CHECKPOINT)
            barrier.wait()

    def learn(self, batch: NDArray[np.int64], taken: "Synchronized[int]", loss: "Synchronized[float]") -> None:
        scale = (self.weights[batch] * ~torch.isnan(self.labels[batch])).sum().clamp(min=1e-6)
        while (place := _next(taken)) < CHUNKS:
            chunk = batch[place::CHUNKS]
            if not len(chunk):
                continue
            ids, mask = padded(self.encoded, chunk)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = self.model(input_ids=ids, attention_mask=mask).logits
            part = masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale
            part.backward()
            with loss.get_lock():
                loss.value += float(part.detach())


def _next(taken: "Synchronized[int]") -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1


class _Progress:
    """A line on the terminal and in `log.jsonl` every twenty steps."""

    def __init__(self, out: Path, first: int, steps: int) -> None:
        self.log, self.first, self.steps = out / "log.jsonl", first, steps
        self.started, self.smooth_loss = time.monotonic(), 0.0

    def add(self, step: int, loss: float) -> None:
        self.smooth_loss = loss if step == self.first + 1 else 0.98 * self.smooth_loss + 0.02 * loss
        if step % 20 and step != self.steps:
            return
        elapsed_s = time.monotonic() - self.started
        left_s = elapsed_s / (step - self.first) * (self.steps - step)
        line = f"step {step}/{self.steps}  loss {self.smooth_loss:.4f}  {elapsed_s:.0f} s, {left_s:.0f} s left"
        print(line, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        with self.log.open("a", encoding="utf-8") as log:
            entry = {"step": step, "of": self.steps, "loss": round(self.smooth_loss, 5)}
            log.write(json.dumps({**entry, "elapsed_s": round(elapsed_s, 1)}) + "\n")


def main(arguments: list[str] | None = None) -> None:
    """Command line: train the first recipe on the training file of a data folder."""
    usual = Recipe()
    parser = argparse.ArgumentParser(prog="python -m training.train_toxicity", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with toxicity_train.csv.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument("--init", type=Path, help="checkpoint to go on from instead of the base weights")
    parser.add_argument("--epochs", type=float, default=usual.epochs)
    parser.add_argument("--learning-rate", type=float, default=usual.learning_rate)
    parser.add_argument("--processes", type=int, default=usual.processes)
    parser.add_argument("--save-every", type=int, default=usual.save_every, help="steps between checkpoints")
    given = parser.parse_args(arguments)
    recipe = Recipe(
        epochs=given.epochs,
        learning_rate=given.learning_rate,
        processes=given.processes,
        save_every=given.save_every,
        init=given.init,
    )
    train(read_rows(given.data / TRAIN_FILE), given.out, recipe)


if __name__ == "__main__":
    main()
