"""How much each token pulls the vector of its text towards another text, by the run that gave the vector.

The graph gives a few numbers for each token: its pull along the directions in which pulls differ most. ``pulls.npz``
beside the weights has the layer that is appended to the graph for that, and the directions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workers.scoring.encoder.appended import STATES, GraphStep, Layers, append
from workers.scoring.encoder.carried import Place
from workers.scoring.engines.onnx import PULLS, Floats

PREFIX = "pulls/"
"""Begins the names of all that is appended to a graph."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """The pulls of a window's tokens along each direction, shape (tokens, directions), and the tokens' places in the
    window's text."""

    places: Sequence[Place]
    along: Floats


@dataclass(frozen=True, slots=True)
class Pulls:
    """A token's pulls are ``states @ inner + inner_bias``, where ``states`` are the encoder's hidden states of several
    ``layers`` side by side; 0 is the embedding.

    Summed over the tokens of a word and divided by the tokens of the text, ``pulls @ directions`` is about the vector
    of the text less that of the text without the word. ``inner`` has the shape (states, directions), ``directions``
    (directions, dimensions).
    """

    layers: tuple[int, ...]
    inner: Floats
    inner_bias: Floats
    directions: Floats

    def of(self, states: Floats) -> Floats:
        """Shape (…, states) to (…, directions)."""
        pulls: Floats = states @ self.inner + self.inner_bias
        return pulls


def towards(vector: Floats, along: Floats, directions: Floats) -> Floats:
    """How much each token adds to the cosine with a unit vector, from the pulls of all tokens of a text along the
    directions: shape (tokens,)."""
    return np.asarray(along @ (directions @ vector) / max(1, len(along)), dtype=np.float32)


def write_pulls(path: Path, pulls: Pulls) -> None:
    """The file appears complete, at the end. Matrices are kept in half precision."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        layers=np.asarray(pulls.layers, dtype=np.int64),
        inner=pulls.inner.astype(np.float16),
        inner_bias=pulls.inner_bias.astype(np.float32),
        directions=pulls.directions.astype(np.float16),
    )
    os.replace(partial, path)


def read_pulls(path: Path) -> Pulls:
    """Reads a file that ``write_pulls`` wrote."""
    with np.load(path) as kept:
        inner, directions = (kept[name].astype(np.float32) for name in ("inner", "directions"))
        return Pulls(tuple(map(int, kept["layers"])), inner, kept["inner_bias"], directions)


def read_directions(path: Path) -> Floats:
    """Only what serving needs of such a file: shape (directions, dimensions)."""
    with np.load(path) as kept:
        directions: Floats = kept["directions"].astype(np.float32)
        return directions


def add_pulls(graph: Path, pulls: Pulls) -> None:
    """Appends the layer to a graph as the output ``pulls``, shape (rows, tokens, directions), in place of an earlier
    one.

    Raises ModelUnavailable if the graph's encoder is not of the shape that the pulls were made for.
    """
    arrays = {"inner": pulls.inner, "inner_bias": pulls.inner_bias}
    steps = (GraphStep("MatMul", (STATES, "inner"), "product"), GraphStep("Add", ("product", "inner_bias"), PULLS))
    append(graph, Layers(PULLS, PREFIX, pulls.layers, arrays, steps, pulls.inner.shape[1]))
