"""Reads the hidden states of words whose amounts are known from the int8 graph: one row for each of their tokens."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.evidence.rationale_teacher import Lesson, chunks
from training.publishing.bundle import sha256_of
from workers.scoring.encoder.carried import owners
from workers.scoring.encoder.token_head import with_states
from workers.scoring.engines.onnx import CARRIED, Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import MANIFEST, ONNX_FILE, TABLE_FILE, Weights

AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens of words: their hidden states, shape (tokens, states), and the word of each. For each word: the amount
    that it adds, and how much that counts, shape (words, labels) each."""

    states: Tensor
    word: Tensor
    added: Tensor
    counts: Tensor

    def pick(self, words: Tensor) -> "Words":
        """Only these words, numbered anew in their order."""
        number = torch.full((len(self.added),), -1)
        number[words] = torch.arange(len(words))
        chosen = number[self.word] >= 0
        return Words(self.states[chosen], number[self.word[chosen]], self.added[words], self.counts[words])


def read_words(weights: Weights, layers: Sequence[int], lessons: Sequence[Lesson]) -> Words:
    """The words of all lessons, one after the other. States are kept in half precision."""
    states, word, first = list[Tensor](), list[Tensor](), 0
    with stating(weights, layers) as engine:
        for chunk in chunks(lessons, AT_ONCE):
            texts = [lesson.text for lesson in chunk]
            encodings = engine.encode(texts)
            carried = engine.read(texts, encodings).carried
            assert carried is not None
            for lesson, encoding, own in zip(chunk, encodings, carried, strict=True):
                owner = owners(lesson.words, encoding.offsets)
                states.append(torch.from_numpy(own[owner >= 0]).half())
                word.append(torch.from_numpy(owner[owner >= 0]) + first)
                first += len(lesson.words)
    added = np.concatenate([lesson.added for lesson in lessons])
    counts = np.concatenate([np.repeat(lesson.counts[None], len(lesson.words), axis=0) for lesson in lessons])
    return Words(torch.cat(states), torch.cat(word), torch.from_numpy(added), torch.from_numpy(counts))


@contextmanager
def stating(weights: Weights, layers: Sequence[int]) -> Iterator[Engine]:
    """An engine that gives the hidden states of the layers where others give the amounts."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for path in weights.folder.iterdir():
            if path.name not in (ONNX_FILE, MANIFEST):
                (copy / path.name).symlink_to(path.resolve())
        with_states(weights.folder / ONNX_FILE, layers, copy / ONNX_FILE)
        files = {**weights.manifest["files"], ONNX_FILE: sha256_of(copy / ONNX_FILE)}
        manifest = {**weights.manifest, "files": files, "outputs": [CARRIED]}
        (copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        yield open_engine(Weights.read(weights.name, copy))


def open_engine(weights: Weights) -> Engine:
    """The engine that runs the export in a folder."""
    return TableEngine(weights) if TABLE_FILE in weights.manifest["files"] else OnnxEngine(weights)
