"""Appends small layers to an exported graph, so that their output comes from the same run as the scores.

Only an export needs the package ``onnx``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.ground.errors import ModelUnavailable
from workers.scoring.engines.onnx import Floats


@dataclass(frozen=True, slots=True)
class GraphStep:
    """One operator. ``inputs`` are names of arrays or of earlier steps; the first step reads the hidden states."""

    kind: str
    inputs: tuple[str, ...]
    output: str


@dataclass(frozen=True, slots=True)
class Layers:
    """A function of the encoder's hidden states after some ``layers``, side by side; 0 is the embedding.

    The last step's output is that of the graph, shape (rows, tokens, width). All other names in the graph begin with
    ``prefix``.
    """

    output: str
    prefix: str
    layers: tuple[int, ...]
    arrays: Mapping[str, Floats]
    steps: Sequence[GraphStep]
    width: int


STATES = "states"
"""The input of a first step."""


def append(graph: Path, added: Layers) -> None:
    """Appends the layers to a graph's file, in place of an earlier output of that name.

    Raises ModelUnavailable if the graph's encoder has fewer layers than are read.
    """
    onnx = import_onnx()
    model = without(onnx.load(graph), added.output, added.prefix)
    states = state_names(model)
    if max(added.layers) >= len(states):
        deepest = max(added.layers)
        raise ModelUnavailable(
            f"{graph} has {len(states) - 1} layers; its output {added.output!r} reads layer {deepest}"
        )
    arrays = (onnx.numpy_helper.from_array(array, added.prefix + name) for name, array in added.arrays.items())
    model.graph.initializer.extend(arrays)
    model.graph.node.extend(_nodes(added, [states[layer] for layer in added.layers]))
    shape = ["rows", "tokens", added.width]
    model.graph.output.append(onnx.helper.make_tensor_value_info(added.output, onnx.TensorProto.FLOAT, shape))
    save(model, graph)


def _nodes(added: Layers, states: list[str]) -> Iterator[Any]:
    make, prefix = import_onnx().helper.make_node, added.prefix
    yield make("Concat", states, [prefix + STATES], name=f"{prefix}Concat/{prefix}{STATES}", axis=-1)
    for step in added.steps:
        name = step.output if step.output == added.output else prefix + step.output
        yield make(step.kind, [prefix + given for given in step.inputs], [name], name=f"{prefix}{step.kind}/{name}")


def without(model: Any, output: str, prefix: str) -> Any:
    """The graph as it was before layers were appended. It changes the model that is given."""
    for part in (model.graph.node, model.graph.initializer, model.graph.output):
        kept = [member for member in part if not member.name.startswith(prefix) and member.name != output]
        del part[:]
        part.extend(kept)
    return model


def state_names(model: Any) -> list[str]:
    """The names of the encoder's hidden states in a graph, shape (rows, tokens, hidden) each: the embedding, then each
    layer's.

    An encoder of this kind has a layer norm behind the embedding, and two in each layer.
    """
    norms: list[str] = [node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"]
    return norms[::2]


def save(model: Any, path: Path) -> None:
    """The file appears complete, at the end."""
    partial = path.with_suffix(".partial")
    import_onnx().save(model, partial)
    os.replace(partial, path)


def import_onnx() -> Any:
    import onnx  # noqa: PLC0415  (serving does without it)

    return onnx
