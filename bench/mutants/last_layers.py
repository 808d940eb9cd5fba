"""Scores texts by the last layers of mutated weights alone: the encoder below them has read the texts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Encoding

from bench.mutants.weights import HEADS, POOLER, WeightsMutant, folder_of, mutated, put
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import LOGITS, EngineReading, Floats, OnnxEngine, OnnxSession, packed, sigmoid
from workers.scoring.engines.weights import ONNX_FILE, Weights
from workers.scoring.ngrams.batch_grams import BatchGrams
from workers.scoring.ngrams.model import Grams, features_of

POOLED, ACTIVE = "/bert/pooler/Gather_output_0", "/bert/pooler/activation/Tanh_output_0"
"""In the exported graph, the first token behind the last layer, and the pooler's answer to it."""

BATCH_TOKENS = 256


class KeptEncoder:
    """The layers below the last ones. Each text is read once."""

    def __init__(self, weights: Weights) -> None:
        self.session, self.labels, self.max_tokens = OnnxSession(weights, threads=1), weights.labels, weights.max_tokens
        self.knows_pictures = OnnxEngine(weights).knows_pictures
        self._pooled = dict[str, Floats]()
        self._encodings = dict[str, Encoding]()

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        new = [text for text in dict.fromkeys(texts) if text not in self._encodings]
        self._encodings |= zip(new, self.session.encode(new), strict=True)
        return [self._encodings[text] for text in texts]

    def pooled(self, texts: Sequence[str]) -> Floats:
        """The first token of each text, shape (texts, dimensions)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._pooled]
        encodings = self.encode(new)
        for batch in packed(list(map(len, encodings)), BATCH_TOKENS):
            rows = self.session.read([encodings[place] for place in batch])[POOLED]
            self._pooled |= zip((new[place] for place in batch), rows, strict=True)
        return np.stack([self._pooled[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Layer:
    """One matrix behind numbers that are rounded to a byte, as the exported graph has it."""

    matrix: Floats
    bias: Floats
    scale: float  # of the numbers that come in
    zero: int

    def of(self, rows: Floats) -> Floats:
        whole = np.clip(np.round(rows / self.scale) + self.zero, 0, 255)
        answers: Floats = ((whole - self.zero) * self.scale).astype(np.float32) @ self.matrix + self.bias
        return answers

    @classmethod
    def read(cls, arrays: dict[str, Any], name: str, comes_in: str) -> Layer:
        matrix = f"{name}_Transposed"
        whole = arrays[f"{matrix}_quantized"].astype(np.float32) - arrays[f"{matrix}_zero_point"]
        return cls(
            whole * arrays[f"{matrix}_scale"],
            arrays[f"{name.removesuffix('weight')}bias"],
            float(arrays[f"{comes_in}_scale"]),
            int(arrays[f"{comes_in}_zero_point"]),
        )


class LastLayers:
    """An engine for ``Toxicity``: the kept encoder, and the pooler and the heads of mutated weights."""

    outputs = frozenset({LOGITS})

    def __init__(self, encoder: KeptEncoder, weights: Weights) -> None:
        arrays = arrays_of(weights)
        self.labels, self.max_tokens, self.knows_pictures = encoder.labels, encoder.max_tokens, encoder.knows_pictures
        self._encoder = encoder
        self._pooler, self._heads = Layer.read(arrays, POOLER, POOLED), Layer.read(arrays, HEADS, ACTIVE)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return self._encoder.encode(texts)

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:  # noqa: ARG002
        if not texts:
            return EngineReading(np.zeros((0, len(self.labels)), np.float32))
        return EngineReading(sigmoid(self._heads.of(np.tanh(self._pooler.of(self._encoder.pooled(texts))))))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities


class KeptGrams(BatchGrams):
    """Hashes each text once for all mutants, which differ in weights and not in n-grams."""

    def __init__(self) -> None:
        super().__init__()
        self._hashed = dict[tuple[str, int], Grams]()

    def keep(self, texts: Sequence[str], size: int) -> list[Grams]:
        new = [text for text in dict.fromkeys(texts) if (text, size) not in self._hashed]
        hashed = zip(new, features_of(new, size), strict=True)
        self._hashed |= {(text, size): (buckets.copy(), counts.copy()) for text, (buckets, counts) in hashed}
        return [self._hashed[text, size] for text in texts]


class LastLayersBench:
    """Opens mutated weights as ``Toxicity``."""

    def __init__(self, source: Weights) -> None:
        self.source = source
        with _with_pooled(source) as weights:
            self.encoder = KeptEncoder(weights)
        self.grams = KeptGrams()

    @contextmanager
    def weights(self, mutant: WeightsMutant | None) -> Iterator[Toxicity]:
        """The weights as they are, for None."""
        if mutant is None:
            yield self._last_layers(self.source)
            return
        with mutated(self.source, mutant) as weights:
            yield Toxicity(OnnxEngine(weights), weights, self.grams) if mutant.is_deep else self._last_layers(weights)

    def _last_layers(self, weights: Weights) -> Toxicity:
        return Toxicity(LastLayers(self.encoder, weights), weights, self.grams)


def arrays_of(weights: Weights) -> dict[str, Any]:
    """The constants of the exported graph that are no matrix of the encoder, by name."""
    import onnx  # noqa: PLC0415  (of requirements-torch.txt)

    graph = onnx.load(weights.verified(ONNX_FILE)).graph
    named = (
        kept
        for kept in graph.initializer
        if kept.name.startswith((POOLER[:22], "classifier.classifier", POOLED, ACTIVE))
    )
    return {kept.name: onnx.numpy_helper.to_array(kept) for kept in named}


@contextmanager
def _with_pooled(source: Weights) -> Iterator[Weights]:
    """The same weights, whose graph gives the first token, too."""
    import onnx  # noqa: PLC0415  (of requirements-torch.txt)

    with folder_of(source) as folder:
        graph = onnx.load(folder / ONNX_FILE)
        graph.graph.output.append(onnx.helper.make_tensor_value_info(POOLED, onnx.TensorProto.FLOAT, None))
        put(folder, graph)
        yield Weights.read(source.name, folder)
