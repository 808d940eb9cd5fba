"""Takes the few channels of an encoder that are far out of range from its int8 products, and computes them in float.

In each feed-forward layer of BERT and its relatives one or two of some 1,500 inner channels are several times as large
as all others, at the first token of every text. One scale of eight bits cannot hold both (Dettmers et al. 2022,
"LLM.int8()", has the same for larger models). Each such channel is a product of a vector by itself, which costs nothing
in float; the rest has a finer scale then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from workers.scoring.engines.onnx import Floats
from workers.scoring.engines.onnx_runtime import onnxruntime

log = logging.getLogger(__name__)

OUTLYING = 2.0
"""A channel lies out of range from so many times the value that 99 % of the channels of its layer stay under."""

SAMPLE = (
    "The council closed the library on Monday, and nobody asked us.",
    "Why should anyone believe a word of this?",
    "I have lived here for 30 years: the buses were never on time!",
    "You are a liar and a fool, and everybody knows it.",
    "Thank you. A fair article, for once :)",
    "Das ist doch alles seit Jahren bekannt, und niemand tut etwas.",
    "C'est une honte, mais je ne suis pas surpris.",
    "No es verdad lo que dice el ministro.",
)
"""Texts to find the channels with. They are out of range in any text, at its first token."""

PREFIX = "outlying/"
"""Begins the names of all that is added to a graph."""

Feeds = Sequence[Mapping[str, NDArray[Any]]]
"""Inputs of the graph for some texts."""


@dataclass(frozen=True, slots=True)
class FeedForward:
    """The two products of a layer, the sums with their biases, and the activation between."""

    first: Any
    first_sum: Any
    activation: Any
    second: Any
    second_sum: Any


def split_outliers(graph: Path, feeds: Feeds) -> list[str]:
    """Rewrites a float graph. It computes the same, with each outlying channel beside the others.

    Returns the names of the products that must stay in float.
    """
    model = onnx.load(graph)
    layers = feed_forwards(model)
    if not layers:
        log.warning("%s has no feed-forward layers of the usual kind: its int8 products may be less exact", graph.name)
    reach = largest(graph, [layer.activation.output[0] for layer in layers], feeds)
    split = [(layer, outlying(own)) for layer, own in zip(layers, reach, strict=True) if len(outlying(own))]
    in_float = [
        name for number, (layer, channels) in enumerate(split) for name in _split(model, layer, channels, number)
    ]
    onnx.save(_sorted(model), graph)
    return in_float


def outlying(largest_values: Floats) -> NDArray[np.int64]:
    """The channels that lie out of range, by the largest absolute value of each, shape (channels,)."""
    return np.flatnonzero(largest_values > OUTLYING * np.percentile(largest_values, 99))


def feed_forwards(model: Any) -> list[FeedForward]:
    """The feed-forward layers in order: a product, its bias, Gelu, a product and its bias."""
    graph = Wiring.of(model)
    layers = (_around(node, graph) for node in model.graph.node if node.op_type == "Gelu")
    return [layer for layer in layers if layer is not None]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The node that gives each result of a graph, those that read it, and the names of what is constant."""

    giver: Mapping[str, Any]
    readers: Mapping[str, Sequence[Any]]
    constants: Set[str]

    @classmethod
    def of(cls, model: Any) -> Wiring:
        nodes = model.graph.node
        readers: dict[str, list[Any]] = {}
        for node in nodes:
            for name in node.input:
                readers.setdefault(name, []).append(node)
        giver = {output: node for node in nodes for output in node.output}
        return cls(giver, readers, frozenset(tensor.name for tensor in model.graph.initializer))

    def before(self, node: Any, kind: str) -> Any | None:
        """The node of this kind whose result another one reads, if there is one."""
        givers = (self.giver.get(name) for name in node.input)
        return next((giver for giver in givers if giver is not None and giver.op_type == kind), None)

    def after(self, node: Any, kind: str) -> Any | None:
        """The only reader of a node's result, if it is of this kind."""
        readers = self.readers.get(node.output[0], ())
        return readers[0] if len(readers) == 1 and readers[0].op_type == kind else None

    def has_weights(self, product: Any) -> bool:
        return product.input[1] in self.constants


def _around(activation: Any, graph: Wiring) -> FeedForward | None:
    first_sum, second = graph.before(activation, "Add"), graph.after(activation, "MatMul")
    first = graph.before(first_sum, "MatMul") if first_sum else None
    second_sum = graph.after(second, "Add") if second else None
    if first_sum is None or first is None or second is None or second_sum is None:
        return None
    if not graph.has_weights(first) or not graph.has_weights(second) or graph.constants.isdisjoint(first_sum.input):
        return None
    return FeedForward(first, first_sum, activation, second, second_sum)


def largest(graph: Path, names: Sequence[str], feeds: Feeds) -> list[Floats]:
    """The largest absolute value in each channel of these intermediate results, over all texts and tokens."""
    if not names:
        return []
    model = onnx.load(graph)
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names if name not in known)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    runs = [session.run(list(names), dict(feed)) for feed in feeds]
    return [np.max([np.abs(own).max(axis=(0, 1)) for own in outputs], axis=0) for outputs in zip(*runs, strict=True)]


def _split(model: Any, layer: FeedForward, channels: NDArray[np.int64], number: int) -> list[str]:
    """Puts the channels beside the layer, and zeros into it in their place: the activation of zero is zero."""
    arrays = {tensor.name: tensor for tensor in model.graph.initializer}
    bias_name = next(name for name in layer.first_sum.input if name in arrays)
    kept = [
        numpy_helper.to_array(arrays[name]).copy() for name in (layer.first.input[1], bias_name, layer.second.input[1])
    ]
    inner, bias, outer = kept
    name = f"{PREFIX}{number}/"
    own = {"inner": inner[:, channels], "bias": bias[channels], "outer": outer[channels]}
    model.graph.initializer.extend(numpy_helper.from_array(array, name + key) for key, array in own.items())
    inner[:, channels], bias[channels], outer[channels] = 0, 0, 0
    for node, place, array, key in (
        (layer.first, 1, inner, "rest_inner"),
        (layer.first_sum, list(layer.first_sum.input).index(bias_name), bias, "rest_bias"),
        (layer.second, 1, outer, "rest_outer"),
    ):
        model.graph.initializer.append(numpy_helper.from_array(array, name + key))
        node.input[place] = name + key
    whole = layer.second_sum.output[0]
    layer.second_sum.output[0] = name + "rest"
    steps = (
        ("MatMul", [layer.first.input[0], name + "inner"], name + "product"),
        ("Add", [name + "product", name + "bias"], name + "sum"),
        ("Gelu", [name + "sum"], name + "active"),
        ("MatMul", [name + "active", name + "outer"], name + "back"),
        ("Add", [name + "rest", name + "back"], whole),
    )
    model.graph.node.extend(
        helper.make_node(kind, given, [out], name=f"{name}{kind}/{out}") for kind, given, out in steps
    )
    return [f"{name}{kind}/{out}" for kind, _, out in steps if kind == "MatMul"]


def _sorted(model: Any) -> Any:
    """The model without what nothing uses, its nodes in an order in which each comes after those that it reads."""
    used = {name for node in model.graph.node for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    known = {"", *(tensor.name for tensor in model.graph.input), *(tensor.name for tensor in kept)}
    left, ordered = list(model.graph.node), []
    while left:
        waiting = []
        for node in left:
            if known.issuperset(node.input):
                known.update(node.output)
                ordered.append(node)
            else:
                waiting.append(node)
        left = waiting
    del model.graph.node[:]
    model.graph.node.extend(ordered)
    return model
