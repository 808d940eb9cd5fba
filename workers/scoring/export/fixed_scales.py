"""Fixes the scales by which a graph rounds its activations to eight bits, so that a text has one score alone and in any
company.

The quantiser of ONNX Runtime scales each activation by its smallest and largest value in the whole batch. So the same
text was rounded otherwise beside others, and its toxicity moved by up to 0.14. The largest values are nearly the same
in every text, because a few channels at the first and the last token have them: it is enough to measure them once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from workers.scoring.engines.onnx_runtime import onnxruntime

MARGIN = 1.1
"""Room beyond what the sample of an export reaches, which has few texts. Values beyond are cut off."""

LEVELS = 255
DYNAMIC, FIXED = "DynamicQuantizeLinear", "QuantizeLinear"
MICROSOFT = "com.microsoft"

Feeds = Iterable[Mapping[str, NDArray[Any]]]
"""Inputs of the graph for some texts, one text each."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The lowest and highest value of one activation. Zero is between them, so that it has a level of its own."""

    low: float
    high: float

    def scaled(self, margin: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """The scale and the level of zero, as scalars."""
        low, high = min(0.0, self.low * margin), max(0.0, self.high * margin)
        scale = max((high - low) / LEVELS, 1e-9)
        return np.asarray(scale, np.float32), np.asarray(np.clip(round(-low / scale), 0, LEVELS), np.uint8)


def fix_scales(graph: Path, feeds: Feeds, *, margin: float = MARGIN) -> None:
    """Rewrites an int8 graph with the scales that fit these texts, in place of those of each batch or of earlier ones.

    The int8 weights stay as they are. Nothing happens to a graph without such activations.
    """
    model = onnx.load(graph)
    rounded = _rounded(model)
    if not rounded:
        return
    reaches = reached(model, [node.input[0] for node in rounded], feeds)
    for node, reach in zip(rounded, reaches, strict=True):
        _fix(model, node, *reach.scaled(margin))
    _join_products(model)
    onnx.save(model, graph)


def reached(model: Any, names: Sequence[str], feeds: Feeds) -> list[Reach]:
    """How far these activations reach over all texts."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    known = {output.name for output in watched.graph.output}
    watched.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names if name not in known)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    edges = [[(own.min(), own.max()) for own in session.run(list(names), dict(feed))] for feed in feeds]
    reaches = np.asarray(edges, dtype=np.float64)
    return [
        Reach(float(low), float(high)) for low, high in zip(reaches[..., 0].min(0), reaches[..., 1].max(0), strict=True)
    ]


def _rounded(model: Any) -> list[Any]:
    return [
        node
        for node in model.graph.node
        if node.op_type == DYNAMIC or (node.op_type == FIXED and node.name.endswith(f"_{FIXED}"))
    ]


def _fix(model: Any, node: Any, scale: NDArray[np.float32], zero: NDArray[np.uint8]) -> None:
    """Gives a node constants for the scale and the level of zero that it found by itself, or had before."""
    is_new = node.op_type == DYNAMIC
    names = [node.output[1], node.output[2]] if is_new else [node.input[1], node.input[2]]
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in names]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    values: tuple[NDArray[Any], ...] = (scale, zero)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for value, name in zip(values, names, strict=True)
    )
    if is_new:
        fixed = helper.make_node(FIXED, [node.input[0], *names], [node.output[0]], name=node.name)
        node.CopyFrom(fixed)


def _join_products(model: Any) -> None:
    """Makes one operator of each product of whole numbers and the scaling behind it. ONNX Runtime does so itself only
    where the scale comes from the batch."""
    nodes = model.graph.node
    giver = {output: node for node in nodes for output in node.output}
    readers: dict[str, list[Any]] = {}
    for node in nodes:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    gone = set[str]()
    for product in [node for node in nodes if node.op_type == "MatMulInteger"]:
        cast = _only(readers, product)
        scaled = _only(readers, cast) if cast is not None and cast.op_type == "Cast" else None
        scales = _scales(giver, cast, scaled)
        if cast is None or scaled is None or scales is None:
            continue
        inputs = [*product.input[:2], *scales.input, *product.input[2:]]
        joined = helper.make_node(
            "MatMulIntegerToFloat", inputs, [scaled.output[0]], name=product.name, domain=MICROSOFT
        )
        gone.update((cast.output[0], scales.output[0], product.output[0]))
        scaled.CopyFrom(joined)
    kept = [node for node in nodes if not gone.intersection(node.output)]
    del nodes[:]
    nodes.extend(kept)
    if all(opset.domain != MICROSOFT for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))


def _only(readers: Mapping[str, Sequence[Any]], node: Any) -> Any | None:
    """The only node that reads a node's result, if there is one."""
    nodes = readers.get(node.output[0], ())
    return nodes[0] if len(nodes) == 1 else None


def _scales(giver: Mapping[str, Any], cast: Any | None, scaled: Any | None) -> Any | None:
    """The product of the two scales, of the activation and of the weights, that a result is multiplied by."""
    if cast is None or scaled is None or scaled.op_type != "Mul":
        return None
    others = [giver.get(name) for name in scaled.input if name != cast.output[0]]
    (product,) = others if len(others) == 1 else (None,)
    return product if product is not None and product.op_type == "Mul" else None
