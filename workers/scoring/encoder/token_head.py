"""The head that says how much each token adds to a score: two small layers on what the encoder knows of the token.

It is kept beside the weights in ``heads.npz``, and appended to the int8 graph, so that the amounts come from the same
run as the scores.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workers.scoring.encoder.appended import STATES, GraphStep, Layers, append, import_onnx, save, state_names, without
from workers.scoring.engines.onnx import CARRIED, Floats

PREFIX = "token_head/"
"""Begins the names of all that is appended to a graph."""


@dataclass(frozen=True, slots=True)
class TokenHead:
    """``relu(states @ inner + inner_bias) @ outer + outer_bias`` for each token, where ``states`` are the encoder's
    hidden states of several ``layers`` side by side; 0 is the embedding.

    ``inner`` has the shape (states, width), ``outer`` (width, labels).
    """

    layers: tuple[int, ...]
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def of(self, states: Floats) -> Floats:
        """How much tokens add to the log-odds: shape (…, states) to (…, labels)."""
        amounts: Floats = np.maximum(0.0, states @ self.inner + self.inner_bias) @ self.outer + self.outer_bias
        return amounts


def write_head(path: Path, head: TokenHead) -> None:
    """The file appears complete, at the end. Weights are kept in half precision."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        layers=np.asarray(head.layers, dtype=np.int64),
        inner=head.inner.astype(np.float16),
        inner_bias=head.inner_bias.astype(np.float32),
        outer=head.outer.astype(np.float16),
        outer_bias=head.outer_bias.astype(np.float32),
    )
    os.replace(partial, path)


def read_head(path: Path) -> TokenHead:
    """Reads a file that ``write_head`` wrote."""
    with np.load(path) as kept:
        inner, outer = (kept[name].astype(np.float32) for name in ("inner", "outer"))
        return TokenHead(tuple(map(int, kept["layers"])), inner, kept["inner_bias"], outer, kept["outer_bias"])


def add_head(graph: Path, head: TokenHead) -> None:
    """Appends the head to a graph as the output ``carried``, shape (rows, tokens, labels), in place of an earlier one.

    Raises ModelUnavailable if the graph's encoder is not of the shape that the head was made for.
    """
    arrays = {"inner": head.inner, "inner_bias": head.inner_bias, "outer": head.outer, "outer_bias": head.outer_bias}
    steps = (
        GraphStep("MatMul", (STATES, "inner"), "product"),
        GraphStep("Add", ("product", "inner_bias"), "sum"),
        GraphStep("Relu", ("sum",), "active"),
        GraphStep("MatMul", ("active", "outer"), "amounts"),
        GraphStep("Add", ("amounts", "outer_bias"), CARRIED),
    )
    append(graph, Layers(CARRIED, PREFIX, head.layers, arrays, steps, head.outer.shape[1]))


def with_states(graph: Path, layers: Sequence[int], out: Path) -> None:
    """Writes a graph whose output ``carried`` is the hidden states of these layers side by side, for a head to learn
    from: shape (rows, tokens, states)."""
    onnx = import_onnx()
    model = without(onnx.load(graph), CARRIED, PREFIX)
    states = state_names(model)
    inputs = [states[layer] for layer in layers]
    model.graph.node.append(onnx.helper.make_node("Concat", inputs, [CARRIED], name=f"{PREFIX}Concat", axis=-1))
    shape = ["rows", "tokens", "states"]
    model.graph.output.append(onnx.helper.make_tensor_value_info(CARRIED, onnx.TensorProto.FLOAT, shape))
    save(model, out)
