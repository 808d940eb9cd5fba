"""Mutants of the bundled toxicity weights: a folder each, as ``--toxicity-model`` takes it, with changed numbers in the
last layers, the n-grams, the calibration or deep in the encoder."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, ONNX_FILE, Weights, sha256_of
from workers.scoring.ngrams.model import read_ngrams, write_ngrams

Array = NDArray[Any]
POOLER, HEADS = "classifier.bert.pooler.dense.weight", "classifier.classifier.weight"
DEEP = ("onnx::MatMul", "outlying/")  # matrices of the layers of the encoder, in the exported graph
QUANTIZED, BIAS = "_quantized", "classifier.classifier.bias"
AMOUNTS = (0.02, 0.1, 0.3, 1.0)  # a share, or a step of the calibration
NOISE = 3.0  # standard deviations of the weights, at an amount of 1


@dataclass(frozen=True, slots=True)
class WeightsMutant:
    """``is_deep`` says that the encoder is another one, and not only its last layers."""

    kind: str
    number: int  # of the draw
    is_deep: bool = False


@dataclass(frozen=True, slots=True)
class Surgeon:
    """Changes a folder of weights in place, by chance."""

    rng: random.Random
    numbers: np.random.Generator
    folder: Path

    def noise_in_heads(self) -> None:
        self._graph((HEADS,), lambda whole: _noised(whole, NOISE * self._amount(), self.numbers))

    def noise_in_pooler(self) -> None:
        self._graph((POOLER,), lambda whole: _noised(whole, NOISE * self._amount(), self.numbers))

    def zeros_in_heads(self) -> None:
        """Some of the connections are cut."""
        self._graph((HEADS,), lambda whole: _thinned(whole, self._amount(), self.numbers))

    def zeros_in_pooler(self) -> None:
        self._graph((POOLER,), lambda whole: _thinned(whole, self._amount(), self.numbers))

    def swapped_heads(self) -> None:
        """Two labels change places."""
        first, second = self.rng.sample(range(6), 2)
        self._graph((HEADS, BIAS), lambda whole: _swapped(whole, first, second))

    def shuffled_pooler(self) -> None:
        """A share of its columns change places."""
        self._graph((POOLER,), lambda whole: _shuffled(whole, self._amount(), self.numbers))

    def calibration(self) -> None:
        """Of one label, or of all."""
        manifest = read_manifest(self.folder)
        labels = manifest["calibration"]
        for label in [self.rng.choice(list(labels))] if self.rng.random() < 0.5 else labels:
            labels[label]["shift"] += self.rng.gauss(0, self._amount())
            labels[label]["scale"] *= max(0.1, 1 + self.rng.gauss(0, self._amount() / 3))
        _list(self.folder, manifest)

    def noise_in_ngrams(self) -> None:
        amount = NOISE * self._amount()
        self._ngrams(lambda weights: weights + self.numbers.normal(0, amount * weights.std(), weights.shape))

    def scaled_ngrams(self) -> None:
        factor = max(0.0, 1 + self.rng.gauss(0, self._amount()))
        self._ngrams(lambda weights: weights * factor)

    def zeros_in_ngrams(self) -> None:
        amount = min(1.0, self._amount())
        self._ngrams(lambda weights: np.where(self.numbers.random((len(weights), 1)) < amount, 0, weights))

    def noise_in_encoder(self) -> None:
        """In every layer."""
        amount = self._amount()
        self._graph(DEEP, lambda whole: _noised(whole, amount, self.numbers))

    def zeros_in_encoder(self) -> None:
        """In every layer, a share of the connections is cut, as pruning does."""
        amount = self._amount() / 3
        self._graph(DEEP, lambda whole: _thinned(whole, amount, self.numbers))

    def fewer_steps(self) -> None:
        """The numbers of all matrices are rounded, as weights with fewer bits are."""
        step = self.rng.randint(2, 16)
        self._graph((*DEEP, POOLER, HEADS), lambda whole: (np.round(whole / step) * step).clip(-128, 127))

    def _amount(self) -> float:
        return self.rng.choice(AMOUNTS)

    def _graph(self, names: Sequence[str], change: Callable[[Array], Array]) -> None:
        import onnx  # noqa: PLC0415  (of requirements-torch.txt)

        graph = onnx.load(self.folder / ONNX_FILE)
        for kept in graph.graph.initializer:
            if kept.name.startswith(tuple(names)) and (kept.name.endswith(QUANTIZED) or kept.name == BIAS):
                array = onnx.numpy_helper.to_array(kept)
                kept.CopyFrom(onnx.numpy_helper.from_array(change(array).astype(array.dtype), kept.name))
        put(self.folder, graph)

    def _ngrams(self, change: Callable[[Array], Array]) -> None:
        ngrams = read_ngrams(self.folder / NGRAMS_FILE)
        (self.folder / NGRAMS_FILE).unlink()
        write_ngrams(self.folder / NGRAMS_FILE, replace(ngrams, weights=change(ngrams.weights).astype(np.float32)))
        _list(self.folder, read_manifest(self.folder), NGRAMS_FILE)


KINDS: Mapping[str, tuple[int, Callable[[Surgeon], None]]] = {
    "noise in the heads": (3, Surgeon.noise_in_heads),
    "noise in the pooler": (3, Surgeon.noise_in_pooler),
    "zeros in the heads": (2, Surgeon.zeros_in_heads),
    "zeros in the pooler": (2, Surgeon.zeros_in_pooler),
    "heads swapped": (2, Surgeon.swapped_heads),
    "the pooler shuffled": (2, Surgeon.shuffled_pooler),
    "another calibration": (6, Surgeon.calibration),
    "noise in the n-grams": (3, Surgeon.noise_in_ngrams),
    "n-grams scaled": (3, Surgeon.scaled_ngrams),
    "zeros in the n-grams": (2, Surgeon.zeros_in_ngrams),
    "noise in the encoder": (2, Surgeon.noise_in_encoder),
    "zeros in the encoder": (1, Surgeon.zeros_in_encoder),
    "fewer steps": (1, Surgeon.fewer_steps),
}
"""How many of 32 mutants are of the kind, and its change."""

DEEP_KINDS = frozenset({"noise in the encoder", "zeros in the encoder", "fewer steps"})


def mutants(rng: random.Random, count: int) -> list[WeightsMutant]:
    deck = [kind for kind, (share, _) in KINDS.items() for _ in range(share)]
    rng.shuffle(deck)
    return [WeightsMutant(kind, rng.getrandbits(32), kind in DEEP_KINDS) for kind in islice(cycle(deck), count)]


@contextmanager
def mutated(source: Weights, mutant: WeightsMutant) -> Iterator[Weights]:
    """The weights in a folder of their own, gone afterwards."""
    with folder_of(source) as folder:
        KINDS[mutant.kind][1](Surgeon(random.Random(mutant.number), np.random.default_rng(mutant.number), folder))
        yield Weights.read("mutant", folder)


@contextmanager
def folder_of(source: Weights) -> Iterator[Path]:
    """A folder with links to the files of the weights, gone afterwards."""
    with TemporaryDirectory(prefix="gavel-bench-") as name:
        folder = Path(name)
        for file in (*source.manifest["files"], MANIFEST):
            if (source.folder / file).exists():
                os.symlink((source.folder / file).resolve(), folder / file)
        yield folder


def put(folder: Path, graph: Any) -> None:
    """The graph in the place of the one that was linked."""
    import onnx  # noqa: PLC0415  (of requirements-torch.txt)

    (folder / ONNX_FILE).unlink()
    onnx.save(graph, folder / ONNX_FILE)
    _list(folder, read_manifest(folder), ONNX_FILE)


def read_manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))


def _list(folder: Path, manifest: dict[str, Any], *changed: str) -> None:
    manifest["files"] |= {file: sha256_of(folder / file) for file in changed}
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _noised(whole: Array, amount: float, numbers: np.random.Generator) -> Array:
    if whole.ndim < 2:
        return whole
    wide = whole.astype(np.float64)
    return np.round(wide + numbers.normal(0, amount * wide.std(), wide.shape)).clip(-128, 127)


def _thinned(whole: Array, share: float, numbers: np.random.Generator) -> Array:
    return np.where(numbers.random(whole.shape) < share, 0, whole)


def _swapped(whole: Array, first: int, second: int) -> Array:
    order = list(range(whole.shape[-1]))
    order[first], order[second] = second, first
    return np.ascontiguousarray(whole[..., order])


def _shuffled(whole: Array, share: float, numbers: np.random.Generator) -> Array:
    chosen = numbers.permutation(whole.shape[1])[: max(2, round(min(1.0, share) * whole.shape[1]))]
    shuffled = whole.copy()
    shuffled[:, chosen] = whole[:, numbers.permutation(chosen)]
    return shuffled
