"""``python -m training.multilingual.joint DATA BASE TOKENIZER MODELS OUT``: learns vectors beside the labels.

It goes on from the bundled weights in MODELS. Each step learns a batch of labelled rows, the vectors of those that have
one, and to tell the articles of some comments apart. Run again, it goes on at its last checkpoint.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy

from training.batches import bucketed
from training.dataset import Floats
from training.multilingual.aims import base_vectors, english_vectors
from training.multilingual.bundled import read_bundled
from training.multilingual.joint_pairs import PairMaker, Pairs
from training.multilingual.joint_texts import Lessons, Teachers, read_lessons
from training.multilingual.kept_vectors import KeptVectors
from training.multilingual.train import MAX_TOKENS, PREFIX, padded
from training.multilingual.with_vector import FINISHED, WithVector
from training.shared import SharedAdamW, SharedWeights, join_all
from training.train_toxicity import distance, learning_rate_at, masked_loss

RESUME = "resume.pt"
BATCH_TOKENS = 4_096
VECTOR_SHARE = 2.0
CONTRAST_SHARE = 0.2
"""Of the vectors and of the contrast in the loss, beside the labels' cross-entropy. All three are then of like size."""

TEMPERATURE = 0.05
SAVE_EVERY, TOLD_EVERY = 200, 20
CHUNKS = 6
PAIR_TOKENS, GROUP = 64, 16
FITTED = 3_000
FLOOR, CEILING = 0.01, 0.98


@dataclass(frozen=True, slots=True)
class Settings:
    """Of a run."""

    learning_rate: float = 1e-4
    warm_up: float = 0.06
    weight_decay: float = 0.01
    processes: int = 2
    seed: int = 7


class Run:
    """One sitting, shared by its processes: model, plan and step."""

    def __init__(self, lessons: Lessons, pairs: PairMaker, model: WithVector, tokenizer: Tokenizer, out: Path) -> None:
        self.settings, self.out, self.tokenizer, self.model = Settings(), out, tokenizer, model
        self.labels = torch.from_numpy(np.clip(lessons.rows.labels, FLOOR, CEILING))
        self.weights, self.aims = torch.from_numpy(lessons.rows.weights), torch.from_numpy(lessons.aims)
        self.ids = self.encoded(lessons.rows.texts)
        lengths = np.asarray([len(own) for own in self.ids], dtype=np.int64)
        self.plan = bucketed(lengths, seed=self.settings.seed, batch_tokens=BATCH_TOKENS)
        self.pairs = [pairs.draw() for _ in self.plan]
        model.classifier.encoder.words.weight.requires_grad_(False)
        self.shared = SharedWeights(model, self.settings.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        return [e.ids[:MAX_TOKENS] for e in self.tokenizer.encode_batch_fast([PREFIX + text for text in texts])]

    def go(self, number: int, barrier: Barrier, taken: Synchronized[int], parent: int) -> None:
        """The work of one process, from the first step to the last, or until its parent is gone."""
        gradients = self.shared.use_gradients_of(number)
        optimiser = SharedAdamW(self.shared, number, barrier, self.settings.weight_decay)
        optimiser.start_at(self.first)
        started, losses = time.monotonic(), list[Tensor]()
        for step in range(self.first, len(self.plan)):
            gradients.zero_()
            losses += self.learn(step, taken)
            optimiser.step(learning_rate_at(step / len(self.plan), self.settings.learning_rate, self.settings.warm_up))
            if number == 0:
                taken.value = 0
                if (step + 1) % SAVE_EVERY == 0 or step + 1 == len(self.plan):
                    self.shared.save(self.out / RESUME, step + 1)
                    torch.save(self.model.state_dict(), self.out / FINISHED)
                if (step + 1) % TOLD_EVERY == 0:
                    print(self.progress(step + 1, losses, started), flush=True)
                    losses = []
            barrier.wait()
            if os.getppid() != parent:
                return

    def progress(self, step: int, losses: Sequence[Tensor], started: float) -> str:
        """The means of the three parts of the loss, and the time."""
        means = torch.stack(list(losses)).nanmean(0).tolist()
        elapsed = time.monotonic() - started
        left = elapsed / (step - self.first) * (len(self.plan) - step)
        labels, vectors, contrast = (f"{value:.3f}" for value in means)
        return (
            f"step {step}/{len(self.plan)}  labels {labels}  vectors {vectors}  contrast {contrast}  "
            f"{elapsed:.0f} s, {left:.0f} s left"
        )

    def learn(self, step: int, taken: Synchronized[int]) -> list[Tensor]:
        """Takes chunks of the step as long as there are any: its pairs, then parts of its rows.

        Returns the parts of the loss of each, NaN for what a chunk has not.
        """
        batch, found = self.plan[step], list[Tensor]()
        scale = (self.weights[batch] * ~torch.isnan(self.labels[batch])).sum().clamp(min=1e-6)
        while (place := next_of(taken)) <= CHUNKS:
            if not place:
                contrast = self.contrast(self.pairs[step])
                (CONTRAST_SHARE * contrast).backward()
                found.append(torch.tensor([np.nan, np.nan, float(contrast.detach())]))
            elif len(chunk := batch[place - 1 :: CHUNKS]):
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    logits, vectors = self.model(*padded([self.ids[i] for i in chunk]))
                labels = masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale
                apart = distance(vectors, self.aims[chunk]) / len(batch)
                (labels + VECTOR_SHARE * apart).backward()
                found.append(torch.tensor([float(labels.detach()), float(apart.detach()), np.nan]) * CHUNKS)
        return found

    def contrast(self, pairs: Pairs) -> Tensor:
        """Each comment is told apart from the subjects of the others, both ways, and where it is known from what the
        English encoder says of those subjects."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = self.vectors([*pairs.comments, *pairs.subjects])
        own, about = vectors[: len(pairs.comments)], vectors[len(pairs.comments) :]
        right = torch.arange(len(pairs.comments))
        near = own @ about.T / TEMPERATURE
        losses = [cross_entropy(near, right), cross_entropy(near.T, right)]
        if pairs.english is not None:
            english = torch.from_numpy(pairs.english)
            losses.append(cross_entropy(own @ english.T / TEMPERATURE, right))
        return torch.stack(losses).mean()

    def vectors(self, texts: Sequence[str]) -> Tensor:
        """Shape (texts, dimensions). They are read in groups of like lengths, since padding costs as much as text."""
        ids = [own[:PAIR_TOKENS] for own in self.encoded(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        groups = [order[at : at + GROUP] for at in range(0, len(order), GROUP)]
        found = torch.cat([self.model(*padded([ids[i] for i in group]))[1] for group in groups])
        return found[torch.tensor(order).argsort()]


def next_of(taken: Synchronized[int]) -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1


def train(run: Run) -> None:
    """All steps that are left, in two processes that share the weights."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(run.settings.processes)
    taken = context.Value("i", 0)
    shared = barrier, taken, os.getpid()
    members = [context.Process(target=run.go, args=(n, *shared)) for n in range(run.settings.processes)]
    for member in members:
        member.start()
    join_all(members, barrier)


def fit_projection(model: WithVector, ids: Sequence[Sequence[int]], aims: Floats, seed: int = 13) -> None:
    """Sets the projection by ridge regression on some of the rows that have a vector, so that training starts near."""
    given = np.flatnonzero(~np.isnan(aims[:, 0]))
    some = np.random.default_rng(seed).permutation(given)[:FITTED]
    encoder, means = model.classifier.encoder, list[Tensor]()
    with torch.inference_mode():
        for at in range(0, len(some), 32):
            batch, mask = padded([list(ids[i]) for i in some[at : at + 32]])
            means.append(torch.cat(encoder.halfway_and_after(encoder.words(batch), mask), dim=-1))
    left = torch.cat(means).double()
    gram = left.T @ left + torch.eye(left.shape[1], dtype=torch.float64)
    found = torch.linalg.solve(gram, left.T @ torch.from_numpy(aims[some]).double())
    with torch.no_grad():
        model.vector.weight.copy_(found.T.float())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "tokenizer", "models", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    torch.manual_seed(7)
    english = KeptVectors(given.out / "english", english_vectors(given.models))
    base = KeptVectors(given.out / "base", base_vectors(given.base, given.tokenizer))
    lessons = read_lessons(given.data, Teachers(english, base))
    print(f"{len(lessons.rows):,} rows, {int((~np.isnan(lessons.aims[:, 0])).sum()):,} with a vector", flush=True)
    torch.set_num_threads(1)  # before anything runs in this model: threads of the parent would not survive the fork
    folder = given.models / "multilingual"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = WithVector(read_bundled(folder))
    run = Run(lessons, PairMaker(given.data, english), model, tokenizer, given.out)
    if not run.first:
        fit_projection(model, run.ids, lessons.aims)
    train(run)


if __name__ == "__main__":
    main()
