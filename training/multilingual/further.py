"""``python -m training.multilingual.further DATA MODELS OUT``: a further sitting that goes on from the bundled weights.

Processes share the weights. The learning rate falls with the clock if that is ahead of the batches, so that the
sitting ends in time. Run again, it goes on at its last checkpoint. The rows that ``further_rows`` holds out are left to
choose by.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.attention import SDPBackend, sdpa_kernel

from moderation.text.folding import fold
from training.batches import bucketed
from training.dataset import Rows
from training.multilingual.bundled import read_bundled
from training.multilingual.further_rows import read_further
from training.multilingual.train import CEILING, FLOOR, MAX_TOKENS, PREFIX, Classifier, padded
from training.shared import SharedAdamW, SharedWeights, join_all
from training.train_toxicity import learning_rate_at, masked_loss
from workers.scoring.weights import TOKENIZER_FILE

RESUME, FINISHED = "resume.pt", "model.pt"
BATCH_TOKENS = 4_096
SAVE_EVERY, TOLD_EVERY = 100, 20
CHUNKS = 4


@dataclass(frozen=True, slots=True)
class Settings:
    minutes: float
    learning_rate: float
    warm_up: float = 0.06
    weight_decay: float = 0.01
    processes: int = 2
    seed: int = 29


class Run:
    """One sitting, shared by its processes: model, plan and step."""

    def __init__(self, rows: Rows, model: Classifier, tokenizer: Tokenizer, out: Path, settings: Settings) -> None:
        self.settings, self.out, self.model = settings, out, model
        self.labels = torch.from_numpy(np.clip(rows.labels, FLOOR, CEILING))
        self.weights = torch.from_numpy(rows.weights)
        texts = [PREFIX + fold(text).text for text in rows.texts]
        self.ids = [e.ids[:MAX_TOKENS] for e in tokenizer.encode_batch_fast(texts)]
        lengths = np.asarray([len(own) for own in self.ids], dtype=np.int64)
        self.plan = bucketed(lengths, seed=settings.seed, batch_tokens=BATCH_TOKENS)
        freeze(model)
        self.shared = SharedWeights(model, settings.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0
        self.started = time.monotonic()

    def go(self, number: int, barrier: Barrier, taken: Synchronized[int], share: Synchronized[float]) -> None:
        """The work of one process, from the first step to the last."""
        gradients = self.shared.use_gradients_of(number)
        optimiser = SharedAdamW(self.shared, number, barrier, self.settings.weight_decay)
        optimiser.start_at(self.first)
        losses, parent = list[float](), os.getppid()
        for step in range(self.first, len(self.plan)):
            if share.value >= 1:
                break
            gradients.zero_()
            losses += self.learn(step, taken)
            optimiser.step(learning_rate_at(share.value, self.settings.learning_rate, self.settings.warm_up))
            if number == 0:
                taken.value = 0
                share.value = self.done(step + 1)
                if (step + 1) % SAVE_EVERY == 0 or share.value >= 1:
                    self.keep(step + 1)
                if (step + 1) % TOLD_EVERY == 0:
                    print(f"{step + 1}/{len(self.plan)}  {share.value:.3f}  loss {np.mean(losses):.4f}", flush=True)
                    losses = []
            barrier.wait()
            if os.getppid() != parent:
                return

    def done(self, step: int) -> float:
        """The share of the sitting that is over, by steps or by the clock."""
        minutes = (time.monotonic() - self.started) / 60
        return min(1.0, max(step / len(self.plan), minutes / self.settings.minutes))

    def keep(self, step: int) -> None:
        self.shared.save(self.out / RESUME, step)
        partial = self.out / "model.partial"
        torch.save(self.model.state_dict(), partial)
        partial.replace(self.out / FINISHED)

    def learn(self, step: int, taken: Synchronized[int]) -> list[float]:
        """Takes chunks of the step's batch as long as there are any, and returns their losses."""
        batch, found = self.plan[step], list[float]()
        scale = (self.weights[batch] * ~torch.isnan(self.labels[batch])).sum().clamp(min=1e-6)
        while (place := next_of(taken)) < CHUNKS:
            if len(chunk := batch[place::CHUNKS]):
                with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):  # twice as fast here
                    logits = self.model(*padded([self.ids[i] for i in chunk]))
                loss = masked_loss(logits.float(), self.labels[chunk], self.weights[chunk]) / scale
                loss.backward()
                found.append(float(loss.detach()) * CHUNKS)
        return found


def freeze(model: Classifier) -> None:
    """Only the layers after the vectors learn, so that the vectors stay as they are."""
    encoder = model.encoder
    encoder.requires_grad_(False)
    encoder.layers[len(encoder.layers) // 2 :].requires_grad_(True)


def next_of(taken: Synchronized[int]) -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1


def train(run: Run) -> None:
    """All steps that are left, in processes that share the weights."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(run.settings.processes)
    taken, share = context.Value("i", 0), context.Value("d", run.done(run.first))
    members = [context.Process(target=run.go, args=(n, barrier, taken, share)) for n in range(run.settings.processes)]
    for member in members:
        member.start()
    join_all(members, barrier)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "models", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=38.0, help="the sitting ends after so many")
    parser.add_argument("--rate", type=float, default=8e-5, help="the highest learning rate")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # before anything runs in this model: threads of the parent would not survive the fork
    folder = given.models / "multilingual"
    rows = read_further(given.data)
    settings = Settings(given.minutes, given.rate)
    run = Run(rows, read_bundled(folder), Tokenizer.from_file(str(folder / TOKENIZER_FILE)), given.out, settings)
    print(f"{len(rows):,} rows, {len(run.plan):,} batches", flush=True)
    train(run)


if __name__ == "__main__":
    main()
