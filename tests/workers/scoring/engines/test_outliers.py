"""Channels that are out of range are computed beside the int8 products, and the rest is more exact for it."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from workers.scoring.engines.onnx_runtime import onnxruntime, quantization
from workers.scoring.export.graph import quantise
from workers.scoring.export.outliers import Feeds, feed_forwards, largest, outlying, split_outliers

WIDTH, INNER = 16, 400
LOUD = 37
"""The channel that the first layer makes large."""


class Layers(nn.Module):
    """Two feed-forward layers as BERT has them; the first has a channel far out of range."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        inner = [nn.Linear(WIDTH, INNER) for _ in range(2)]
        outer = [nn.Linear(INNER, WIDTH) for _ in range(2)]
        with torch.no_grad():
            inner[0].bias[LOUD] = 40.0
            outer[0].weight[:, LOUD] = 0.01
        self.inner, self.outer = nn.ModuleList(inner), nn.ModuleList(outer)

    def forward(self, states: Tensor) -> Tensor:
        for inner, outer in zip(self.inner, self.outer, strict=True):
            states = nn.functional.layer_norm(states + outer(nn.functional.gelu(inner(states))), (WIDTH,))
        return states


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "float.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        example, names = torch.randn(2, 5, WIDTH), ["states"]
        axes = {"states": {0: "rows", 1: "tokens"}}
        torch.onnx.export(
            Layers().eval(), (example,), str(path), input_names=names, output_names=["out"], dynamic_axes=axes,
            opset_version=20, dynamo=False,
        )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def feeds() -> Feeds:
    torch.manual_seed(5)
    return [{"states": torch.randn(1, tokens, WIDTH).numpy()} for tokens in (3, 9)]


def run(graph: Path, feeds: Feeds) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(graph))
    return [session.run(None, dict(feed))[0] for feed in feeds]


def copied(graph: Path, to: Path) -> Path:
    to.write_bytes(graph.read_bytes())
    return to


def test_a_graph_has_its_feed_forward_layers(traced: Path) -> None:
    assert len(feed_forwards(onnx.load(traced))) == 2


def test_the_loud_channel_of_the_first_layer_alone_is_out_of_range(traced: Path, feeds: Feeds) -> None:
    names = [layer.activation.output[0] for layer in feed_forwards(onnx.load(traced))]

    first, second = largest(traced, names, feeds)

    assert outlying(first).tolist() == [LOUD]
    assert outlying(second).tolist() == []


@pytest.mark.parametrize(("largest_value", "found"), [(2.0, []), (2.001, [0])])
def test_a_channel_is_out_of_range_above_twice_what_nearly_all_stay_under(
    largest_value: float, found: list[int]
) -> None:
    values = np.ones(1000, dtype=np.float32)
    values[0] = largest_value

    assert outlying(values).tolist() == found


def test_the_graph_computes_the_same_with_the_channel_beside_the_rest(
    traced: Path, feeds: Feeds, tmp_path: Path
) -> None:
    split = copied(traced, tmp_path / "split.onnx")

    in_float = split_outliers(split, feeds)

    assert len(in_float) == 2
    assert set(in_float) <= {node.name for node in onnx.load(split).graph.node if node.op_type == "MatMul"}
    for ours, theirs in zip(run(split, feeds), run(traced, feeds), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_int8_is_more_exact_without_the_channel(traced: Path, feeds: Feeds, tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain.onnx", tmp_path / "ours.onnx"
    how = quantization()
    how.quantize_dynamic(traced, plain, weight_type=how.QuantType.QInt8, per_channel=True, reduce_range=True)

    quantise(copied(traced, tmp_path / "whole.onnx"), ours, partial(split_outliers, feeds=feeds))

    def error(graph: Path) -> float:
        pairs = zip(run(graph, feeds), run(traced, feeds), strict=True)
        return float(np.mean([np.abs(one - other).mean() for one, other in pairs]))

    assert error(ours) < 0.6 * error(plain)


def test_a_graph_without_such_channels_stays_as_it_is(traced: Path, feeds: Feeds, tmp_path: Path) -> None:
    split = copied(traced, tmp_path / "split.onnx")
    split_outliers(split, feeds)
    again = onnx.load(split)

    assert split_outliers(split, feeds) == []
    assert [node.name for node in onnx.load(split).graph.node] == [node.name for node in again.graph.node]
