"""How much each token moves the vector of its text towards another text, by the run that gave the vector.

The graph gives a few numbers for each token: its attribution along the directions in which these differ most.
``attributions.npz`` beside the weights has the layer that is appended to the graph for that, and the directions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workers.scoring.encoder.appended import STATES, GraphStep, Layers, append
from workers.scoring.encoder.carried import Place
from workers.scoring.engines.onnx import ATTRIBUTIONS, Floats

PREFIX = "pulls/"
"""Begins, in graphs that were exported, the names of all that is appended to a graph."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """The attributions of a window's tokens along each direction, shape (tokens, directions), and the tokens' places in
    the window's text."""

    places: Sequence[Place]
    along: Floats


@dataclass(frozen=True, slots=True)
class Attributions:
    """A token's attributions are ``states @ inner + inner_bias``, where ``states`` are the encoder's hidden states of
    several ``layers`` side by side; 0 is the embedding.

    Summed over the tokens of a word and divided by the tokens of the text, ``attributions @ directions`` is about the
    vector of the text less that of the text without the word. ``inner`` has the shape (states, directions),
    ``directions`` (directions, dimensions).
    """

    layers: tuple[int, ...]
    inner: Floats
    inner_bias: Floats
    directions: Floats

    def of(self, states: Floats) -> Floats:
        """Shape (…, states) to (…, directions)."""
        attributions: Floats = states @ self.inner + self.inner_bias
        return attributions


def towards(vector: Floats, along: Floats, directions: Floats) -> Floats:
    """How much each token adds to the cosine with a unit vector, from the attributions of all tokens of a text along
    the directions: shape (tokens,)."""
    return np.asarray(along @ (directions @ vector) / max(1, len(along)), dtype=np.float32)


def write_attributions(path: Path, attributions: Attributions) -> None:
    """The file appears complete, at the end. Matrices are kept in half precision."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        layers=np.asarray(attributions.layers, dtype=np.int64),
        inner=attributions.inner.astype(np.float16),
        inner_bias=attributions.inner_bias.astype(np.float32),
        directions=attributions.directions.astype(np.float16),
    )
    os.replace(partial, path)


def read_attributions(path: Path) -> Attributions:
    """Reads a file that ``write_attributions`` wrote."""
    with np.load(path) as kept:
        inner, directions = (kept[name].astype(np.float32) for name in ("inner", "directions"))
        return Attributions(tuple(map(int, kept["layers"])), inner, kept["inner_bias"], directions)


def read_directions(path: Path) -> Floats:
    """Only what serving needs of such a file: shape (directions, dimensions)."""
    with np.load(path) as kept:
        directions: Floats = kept["directions"].astype(np.float32)
        return directions


def add_attributions(graph: Path, attributions: Attributions) -> None:
    """Appends the layer to a graph as the output ``attributions``, shape (rows, tokens, directions), in place of an
    earlier one.

    Raises ModelUnavailable if the graph's encoder is not of the shape that the attributions were made for.
    """
    arrays = {"inner": attributions.inner, "inner_bias": attributions.inner_bias}
    steps = (
        GraphStep("MatMul", (STATES, "inner"), "product"),
        GraphStep("Add", ("product", "inner_bias"), ATTRIBUTIONS),
    )
    append(graph, Layers(ATTRIBUTIONS, PREFIX, attributions.layers, arrays, steps, attributions.inner.shape[1]))
