"""Train the toxicity weights: masked binary cross-entropy on soft labels, in batches of like lengths.

It writes the weights and the optimiser's state every few hundred steps; a run that was cut off continues there.
"""

import argparse
import json
import multiprocessing
import os
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

from training.batches import Ids, as_scored, bucketed, encode, padded
from training.checkpoint import base_folder, fresh_model, model_from, write_checkpoint
from training.dataset import TRAIN_FILE, Floats, Rows, read_rows
from training.one_pass import fit_on_some
from training.shared import SharedAdamW, SharedWeights, join_all
from workers.scoring.weights import VECTOR_FILE
from workers.scoring.with_vector import WithVector, write_projection

CHECKPOINT = "toxicity.ckpt"
RESUME = "resume.pt"
VECTOR_SHARE = 2.0
"""Of the vectors in the loss, beside the labels' cross-entropy: about as much of the gradient as the labels have."""

CHUNKS = 4
"""A batch is cut into so many chunks, and whichever process is free takes the next, so that none waits long."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a run; `init` is a checkpoint to continue from, none means the base weights.

    With `minutes` the learning rate falls with the clock when that is ahead of the steps, and the run ends in time.
    """

    epochs: float = 1.5
    learning_rate: float = 1e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    processes: int = 2
    save_every: int = 300
    seed: int = 7
    init: Path | None = None
    minutes: float | None = None


def train(rows: Rows, out: Path, recipe: Recipe, vectors: Floats | None = None) -> Path:
    """Train on the rows, write checkpoints into `out` as the run goes on, and return the last one.

    With `vectors` of shape (rows, dimensions), NaN where a row has none, the second output of the encoder learns them.
    """
    torch.set_num_threads(1)  # before anything runs: threads of the parent would not survive the fork
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    run = _Run(rows, out, recipe, vectors)
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(recipe.processes)
    done = context.Value("d", run.first / len(run.plan))
    common = _Common(barrier, context.Value("i", 0), context.Value("d", 0.0), done, os.getpid())
    members = [context.Process(target=run.go, args=(number, common)) for number in range(recipe.processes)]
    for member in members:
        member.start()
    join_all(members, barrier)
    run.write()
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


def learning_rate_at(done: float, highest: float, warmup: float) -> float:
    """Linear warm-up, then linear decay to zero; `done` is the share of the run that is over."""
    return highest * max(0.0, min(done / warmup, (1.0 - done) / (1.0 - warmup)))


def masked_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted sum of the cross-entropy over the given labels; NaN labels count for nothing."""
    losses = binary_cross_entropy_with_logits(logits, torch.nan_to_num(labels), reduction="none")
    return (losses * weights * ~torch.isnan(labels)).sum()


def distance(vectors: torch.Tensor, aims: torch.Tensor) -> torch.Tensor:
    """The sum of one minus the cosine, both of shape (rows, dimensions), over the rows that have an aim."""
    given = ~torch.isnan(aims[:, 0])
    return (1 - (vectors[given] * aims[given]).sum(dim=1)).sum()


@dataclass(frozen=True, slots=True)
class _Common:
    """Shared by the processes beside the weights: the next chunk, the loss of this step, the share of the run done."""

    barrier: Barrier
    taken: "Synchronized[int]"
    loss: "Synchronized[float]"
    done: "Synchronized[float]"
    parent: int


class _Run:
    """One training run, shared by its processes: model, plan and step."""

    def __init__(self, rows: Rows, out: Path, recipe: Recipe, vectors: Floats | None) -> None:
        self.recipe, self.out = recipe, out
        self.vectors = None if vectors is None else torch.from_numpy(vectors)
        self.labels, self.weights = torch.from_numpy(rows.labels), torch.from_numpy(rows.weights)
        self.encoded = encode(as_scored(rows.texts), base_folder() / "tokenizer.json")
        self.plan = planned_batches(self.encoded, recipe)
        self.model = WithVector(model_from(recipe.init) if recipe.init else fresh_model())
        if vectors is not None:
            fit_on_some(self.model, rows.texts, vectors)
        self.shared = SharedWeights(self.model, recipe.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0

    def go(self, number: int, common: _Common) -> None:
        """The work of one process, from the first step to the last."""
        gradients = self.shared.use_gradients_of(number)
        optimizer = SharedAdamW(self.shared, number, common.barrier, self.recipe.weight_decay)
        optimizer.start_at(self.first)
        progress = _Progress(self.out, self.first, len(self.plan), self.recipe.minutes)
        self.model.train()
        for step in range(self.first, len(self.plan)):
            gradients.zero_()
            self.learn(self.plan[step], common)
            optimizer.step(learning_rate_at(common.done.value, self.recipe.learning_rate, self.recipe.warmup))
            if number == 0:
                progress.add(step + 1, common.loss.value)
                self.save(step + 1)
                common.taken.value, common.loss.value, common.done.value = 0, 0.0, progress.done(step + 1)
            common.barrier.wait()
            if common.done.value >= 1.0 or os.getppid() != common.parent:
                return

    def save(self, step: int) -> None:
        if step % self.recipe.save_every == 0:
            self.shared.save(self.out / RESUME, step)
            self.write()

    def write(self) -> None:
        write_checkpoint(self.model.classifier, self.out / CHECKPOINT)
        if self.vectors is not None:
            write_projection(self.model, self.out / VECTOR_FILE)

    def learn(self, batch: NDArray[np.int64], common: _Common) -> None:
        scale = (self.weights[batch] * ~torch.isnan(self.labels[batch])).sum().clamp(min=1e-6)
        while (place := _next(common.taken)) < CHUNKS:
            chunk = batch[place::CHUNKS]
            if not len(chunk):
                continue
            ids, mask = padded(self.encoded, chunk)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits, vectors = self.model(ids, mask)
            part = masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale
            if self.vectors is not None:
                part = part + VECTOR_SHARE * distance(vectors, self.vectors[chunk]) / len(batch)
            part.backward()
            with common.loss.get_lock():
                common.loss.value += float(part.detach())


def _next(taken: "Synchronized[int]") -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1


class _Progress:
    """A line on the terminal and in `log.jsonl` every twenty steps."""

    def __init__(self, out: Path, first: int, steps: int, minutes: float | None) -> None:
        self.log, self.first, self.steps, self.minutes = out / "log.jsonl", first, steps, minutes
        self.started, self.smooth_loss = time.monotonic(), 0.0

    def done(self, step: int) -> float:
        """Share of the run that is over at this step, by steps or by the clock, whichever is ahead."""
        by_clock = (time.monotonic() - self.started) / (60 * self.minutes) if self.minutes else 0.0
        return min(1.0, max(step / self.steps, by_clock))

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
    parser.add_argument("--minutes", type=float, help="end by the clock after so long, if the steps take longer")
    given = parser.parse_args(arguments)
    recipe = Recipe(
        epochs=given.epochs,
        learning_rate=given.learning_rate,
        processes=given.processes,
        save_every=given.save_every,
        init=given.init,
        minutes=given.minutes,
    )
    train(read_rows(given.data / TRAIN_FILE), given.out, recipe)


if __name__ == "__main__":
    main()
