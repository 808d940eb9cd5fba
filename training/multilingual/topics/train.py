"""Teaches the base what a comment is about.

The last six of its twelve layers learn from headlines with their comments: a comment must be nearer to its own headline
or standfirst than to the others of a batch (InfoNCE, van den Oord et al. 2018). Cut off and begun again, it goes on
from the last checkpoint for as many minutes, and the learning rate rises and falls anew.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, normalize

from moderation.judging.text.letters.folding import fold
from training.loop.batches import packed
from training.loop.sitting import Common, Settings, Sitting, save_state
from training.multilingual.base import Encoder, read_layers
from training.multilingual.topics.subjects import Batch, Drawer
from training.multilingual.train import PREFIX, padded
from workers.scoring.engines.weights import MANIFEST, TABLE_FILE, TOKENIZER_FILE
from workers.scoring.engines.word_table import BLOCK, BLOCK_BYTES, unpacked

FINISHED = "topics.pt"
LAYERS = tuple(range(12))
FROZEN = 6
"""So many of the first layers stay as they are. Their states of a text are kept, so that they read each once."""

SCALE = 20.0
MOST_TOKENS = 64
PART_TOKENS = 512
PROCESSES, SEED = 3, 41
RATE = 5e-5
MINUTES = 60.0


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
            ids = [
                encoding.ids
                for encoding in self._tokenizer.encode_batch_fast([PREFIX + fold(text).text for text in new])
            ]
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


class Topical(Sitting):
    """Each process reads a batch of its own at every step."""

    def __init__(self, reader: Reader, drawer: Draws, out: Path, settings: Settings, steps: float = math.inf) -> None:
        self.reader, self.drawer = reader, drawer
        super().__init__(reader.model, out, settings, steps)

    def learn(self, step: int, number: int, common: Common) -> float:  # noqa: ARG002
        batch = self.drawer.draw(np.random.default_rng([self.settings.seed, number, step]))
        loss = self.loss(batch) / self.settings.processes
        loss.backward()
        return float(loss.detach())

    def loss(self, batch: Batch) -> Tensor:
        """Mean of both directions: which subject is a comment's, and which comment is a subject's."""
        vectors = self.reader.vectors([*batch.comments, *batch.subjects])
        alike = SCALE * vectors[: len(batch.comments)] @ vectors[len(batch.comments) :].T
        own = torch.arange(len(batch.comments))
        return (cross_entropy(alike, own) + cross_entropy(alike.T, own)) / 2

    def write(self) -> None:
        save_state(self.reader.model, self.out / FINISHED)


def topics_sitting(data: Path, base: Path, bundled: Path, out: Path, minutes: float = MINUTES) -> None:
    """Trains the base over the word table in the folder ``bundled``."""
    reader = Reader(untrained(base, bundled), bundled / TOKENIZER_FILE)
    settings = Settings(RATE, minutes, processes=PROCESSES, seed=SEED)
    sitting = Topical(reader, Drawer(data), out, settings)
    sitting.run()
    sitting.end()
