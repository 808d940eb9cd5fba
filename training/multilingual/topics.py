"""``python -m training.multilingual.topics DATA BASE MODELS OUT``: teaches the base what a comment is about.

The last six of its twelve layers learn from headlines with their comments: a comment must be nearer to its own headline
or standfirst than to the others of a batch (InfoNCE, van den Oord et al. 2018). Processes share the weights; each reads
a batch of its own at every step. Run again, it goes on from the last checkpoint for as many minutes, and the learning
rate rises and falls anew.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, normalize

from moderation.text.folding import fold
from training.batches import packed
from training.multilingual.base import Encoder, read_layers
from training.multilingual.subjects import Batch, Drawer
from training.multilingual.train import PREFIX, padded
from training.shared import SharedAdamW, SharedWeights, join_all
from training.train_toxicity import learning_rate_at
from workers.scoring.weights import MANIFEST, TABLE_FILE, TOKENIZER_FILE
from workers.scoring.word_table import BLOCK, BLOCK_BYTES, unpacked

RESUME, FINISHED = "resume.pt", "topics.pt"
LAYERS = tuple(range(12))
FROZEN = 6
"""So many of the first layers stay as they are. Their states of a text are kept, so that they read each once."""

SCALE = 20.0
MOST_TOKENS = 64
PART_TOKENS = 512
SAVE_EVERY, TOLD_EVERY = 100, 20


@dataclass(frozen=True, slots=True)
class Settings:
    minutes: float
    learning_rate: float
    warm_up: float = 0.05
    weight_decay: float = 0.01
    processes: int = 3
    seed: int = 41


class Topics(nn.Module):
    """Texts to unit vectors, shape (texts, hidden), in two parts: the frozen layers and the others."""

    def __init__(self, encoder: Encoder, frozen: int = FROZEN) -> None:
        super().__init__()
        self.encoder, self.frozen = encoder, frozen
        encoder.requires_grad_(False)
        encoder.layers[frozen:].requires_grad_(True)

    def begun(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The states after the frozen layers, shape (texts, tokens, hidden)."""
        return self.begun_of(self.encoder.words(ids), mask)

    def begun_of(self, words: Tensor, mask: Tensor) -> Tensor:
        """The same from rows of the word table."""
        x = self.encoder.embedded(words)
        for layer in self.encoder.layers[: self.frozen]:
            x = layer(x, mask)
        return x

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        return self.ended(states, mask)[0]

    def ended(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """From the states after the frozen layers to the vectors and the states after all layers."""
        for layer in self.encoder.layers[self.frozen :]:
            states = layer(states, mask)
        share = mask[:, :, None].to(states.dtype)
        return normalize(((states * share).sum(1) / share.sum(1).clamp(min=1)).float(), dim=-1), states


def untrained(base: Path, bundled: Path) -> Topics:
    """The base with the word table of the bundled weights, which is a part of its own."""
    return Topics(read_layers(base, read_table(bundled), LAYERS))


def read_table(bundled: Path) -> Tensor:
    """The word table of the bundled weights, shape (pieces, hidden)."""
    hidden = int(json.loads((bundled / MANIFEST).read_text(encoding="utf-8"))["hidden"])
    rows = np.fromfile(bundled / TABLE_FILE, np.uint8).reshape(-1, hidden // BLOCK, BLOCK_BYTES)
    return torch.from_numpy(unpacked(rows))


class Reader:
    """A model with its tokenizer: texts to unit vectors. The states after the frozen layers are kept."""

    def __init__(self, model: Topics, tokenizer: Path) -> None:
        self.model = model
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._states: dict[str, Tensor] = {}

    def vectors(self, texts: list[str]) -> Tensor:
        """Shape (texts, hidden). They are read in parts of like lengths, since padding costs as much as text."""
        with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            states = self.states(texts)
            lengths = np.asarray([len(own) for own in states], dtype=np.int64)
            order = np.argsort(lengths, kind="stable")
            parts = [self.model(*stacked([states[i] for i in part])) for part in packed(order, lengths, PART_TOKENS)]
        return torch.cat(parts)[torch.from_numpy(np.argsort(order))]

    def states(self, texts: list[str]) -> list[Tensor]:
        """Shape (tokens, hidden) each."""
        new = [text for text in dict.fromkeys(texts) if text not in self._states]
        if new:
            ids = [one.ids for one in self._tokenizer.encode_batch_fast([PREFIX + fold(text).text for text in new])]
            lengths = np.asarray([len(own) for own in ids], dtype=np.int64)
            with torch.no_grad():
                for part in packed(np.argsort(lengths, kind="stable"), lengths, PART_TOKENS):
                    read = self.model.begun(*padded([ids[i] for i in part])).to(torch.bfloat16)
                    self._states |= {new[i]: own[: lengths[i]].clone() for i, own in zip(part, read, strict=True)}
        return [self._states[text] for text in texts]


def stacked(states: list[Tensor]) -> tuple[Tensor, Tensor]:
    """States of the shape (texts, longest, hidden) and their mask."""
    lengths = torch.tensor([len(own) for own in states])
    together = nn.utils.rnn.pad_sequence(states, batch_first=True)
    return together.float(), torch.arange(together.shape[1])[None, :] < lengths[:, None]


class Draws(Protocol):
    """Batches to learn from, such as ``Drawer`` gives."""

    def draw(self, random: np.random.Generator) -> Batch: ...


class Run:
    """One sitting, shared by its processes."""

    def __init__(self, reader: Reader, drawer: Draws, out: Path, settings: Settings) -> None:
        self.reader, self.drawer, self.out, self.settings = reader, drawer, out, settings
        self.shared = SharedWeights(reader.model, settings.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0
        self.started = time.monotonic()

    def go(self, number: int, barrier: Barrier, share: Synchronized[float]) -> None:
        """The work of one process, until the time is over."""
        gradients = self.shared.use_gradients_of(number)
        optimiser = SharedAdamW(self.shared, number, barrier, self.settings.weight_decay)
        optimiser.start_at(self.first)
        losses, parent, step = list[float](), os.getppid(), self.first
        random = np.random.default_rng([self.settings.seed, number, self.first])
        while share.value < 1:
            gradients.zero_()
            loss = self.loss(self.drawer.draw(random)) / self.settings.processes
            loss.backward()
            losses.append(float(loss.detach()) * self.settings.processes)
            optimiser.step(learning_rate_at(share.value, self.settings.learning_rate, self.settings.warm_up))
            step += 1
            if number == 0:
                share.value = self.done()
                if step % SAVE_EVERY == 0 or share.value >= 1:
                    self.keep(step)
                if step % TOLD_EVERY == 0:
                    print(f"{step}  {share.value:.3f}  loss {np.mean(losses[-TOLD_EVERY:]):.4f}", flush=True)
            barrier.wait()
            if os.getppid() != parent:
                return

    def loss(self, batch: Batch) -> Tensor:
        """Mean of both directions: which subject is a comment's, and which comment is a subject's."""
        vectors = self.reader.vectors([*batch.comments, *batch.subjects])
        alike = SCALE * vectors[: len(batch.comments)] @ vectors[len(batch.comments) :].T
        own = torch.arange(len(batch.comments))
        return (cross_entropy(alike, own) + cross_entropy(alike.T, own)) / 2

    def done(self) -> float:
        return min(1.0, (time.monotonic() - self.started) / 60 / self.settings.minutes)

    def keep(self, step: int) -> None:
        self.shared.save(self.out / RESUME, step)
        partial = self.out / "topics.partial"
        torch.save(self.reader.model.state_dict(), partial)
        partial.replace(self.out / FINISHED)


def train(run: Run) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(run.settings.processes)
    share = context.Value("d", 0.0)
    members = [context.Process(target=run.go, args=(n, barrier, share)) for n in range(run.settings.processes)]
    for member in members:
        member.start()
    join_all(members, barrier)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "models", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=60.0, help="the sitting ends after so many")
    parser.add_argument("--rate", type=float, default=5e-5, help="the highest learning rate")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # before anything runs in this model: threads of the parent would not survive the fork
    folder = given.models / "multilingual"
    reader = Reader(untrained(given.base, folder), folder / TOKENIZER_FILE)
    train(Run(reader, Drawer(given.data), given.out, Settings(given.minutes, given.rate)))


if __name__ == "__main__":
    main()
