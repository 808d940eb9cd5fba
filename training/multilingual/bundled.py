"""Reads the bundled int8 graph back into PyTorch, so that a sitting can go on without the checkpoint of the one before.

Its weights are rounded to eight bits, as the workers have them.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from training.multilingual.base import Encoder, Shape
from training.multilingual.train import Classifier
from workers.scoring.engines.weights import ONNX_FILE, TABLE_FILE
from workers.scoring.engines.word_table import BLOCK, BLOCK_BYTES, unpacked

HEADS = 12
EPSILON = 1e-12
PARAMETER = re.compile(r"(encoder|head)\..+$")
PRODUCT = re.compile(r"/(layers\.\d+)/(\w+)/MatMul")


def read_bundled(folder: Path) -> Classifier:
    """The classifier of ``workers.scoring.engines.table_engine``'s files."""
    plain = read_parameters(folder / ONNX_FILE)
    hidden = plain["encoder.norm.weight"].shape[0]
    packed = np.fromfile(folder / TABLE_FILE, np.uint8).reshape(-1, hidden // BLOCK, BLOCK_BYTES)
    layers = 1 + max(int(name.split(".")[2]) for name in plain if name.startswith("encoder.layers."))
    inner = plain["encoder.layers.0.inner.bias"].shape[0]
    positions = plain["encoder.positions.weight"].shape[0]
    model = Classifier(Encoder(Shape(hidden, layers, HEADS, inner, len(packed), positions, EPSILON), layers))
    state = {"encoder.words.weight": torch.from_numpy(unpacked(packed))}
    for name in model.state_dict():
        if name not in state:
            state[name] = torch.from_numpy(np.array(plain[name], np.float32))
    model.load_state_dict(state)
    return model


def read_parameters(path: Path) -> dict[str, NDArray[np.float32]]:
    """All parameters of an encoder's graph by their names in PyTorch, but for the word table."""
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    products = [node for node in graph.node if PRODUCT.search(node.name) or "/head/" in node.name]
    matrices = {_place(node.name): matrix for node in products if (matrix := _matrix(node, values)) is not None}
    plain = {match[0]: values[name] for name in values if (match := PARAMETER.search(name))}
    return plain | matrices


def bundled_centre(folder: Path) -> torch.Tensor:
    """The centre of the vectors, shape (hidden,), as ``training.multilingual.bundle`` wrote it."""
    graph = onnx.load(str(folder / ONNX_FILE)).graph
    (centre,) = (tensor for tensor in graph.initializer if tensor.name == "centre")
    return torch.from_numpy(numpy_helper.to_array(centre).copy())


def _place(node: str) -> str:
    """``/layers.0/q/MatMul_quant`` multiplies by ``encoder.layers.0.q.weight``."""
    match = PRODUCT.search(node)
    return "head.weight" if match is None else f"encoder.{match[1]}.{match[2]}.weight"


def _matrix(node: onnx.NodeProto, values: dict[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
    """The constant matrix of a product, transposed as PyTorch keeps it; None for other nodes."""
    constant = next((name for name in node.input if name in values and values[name].ndim == 2), None)
    if node.op_type not in ("MatMulInteger", "MatMulIntegerToFloat", "MatMul") or constant is None:
        return None
    if node.op_type == "MatMul":
        return np.asarray(values[constant].T)
    name = constant.removesuffix("_quantized")
    whole = values[constant].astype(np.float32) - values[f"{name}_zero_point"]
    return np.asarray((whole * values[f"{name}_scale"]).T)
