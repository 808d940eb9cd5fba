"""An int8 graph with fixed scales rounds a row in the same way alone and beside others."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.export.fixed_scales import DYNAMIC, Feeds, Reach, fix_scales
from workers.scoring.export.graph import quantise

WIDTH = 16


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two products without a bias between, as the quantiser writes them."""
    torch.manual_seed(4)
    layers = nn.Sequential(nn.Linear(WIDTH, 40), nn.GELU(), nn.Linear(40, WIDTH))
    folder = tmp_path_factory.mktemp("graph")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            layers.eval(), (torch.randn(2, WIDTH),), str(folder / "float.onnx"), input_names=["states"],
            output_names=["out"], dynamic_axes={"states": {0: "rows"}}, opset_version=20, dynamo=False,
        )  # fmt: skip
    quantise(folder / "float.onnx", folder / "small.onnx", lambda _: [])
    return folder / "small.onnx"


@pytest.fixture
def graph(dynamic: Path, tmp_path: Path) -> Path:
    return copied(dynamic, tmp_path / "graph.onnx")


def copied(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes())
    return target


@pytest.fixture(scope="module")
def feeds() -> Feeds:
    random = np.random.default_rng(5)
    return [{"states": random.normal(size=(1, WIDTH)).astype(np.float32)} for _ in range(40)]


def run(graph: Path, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    session: Any = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    found: NDArray[np.float32] = session.run(None, {"states": rows})[0]
    return found


def are_scaled_by_batch(graph: Path) -> bool:
    return any(node.op_type == DYNAMIC for node in onnx.load(graph).graph.node)


def test_a_row_is_the_same_alone_and_beside_a_loud_one(dynamic: Path, graph: Path, feeds: Feeds) -> None:
    quiet, loud = (next(iter(feeds))["states"] * factor for factor in (np.float32(0.5), np.float32(3)))
    together = np.concatenate([quiet, loud])
    assert np.abs(run(dynamic, together)[0] - run(dynamic, quiet)[0]).max() > 0.001

    fix_scales(graph, feeds)

    np.testing.assert_array_equal(run(graph, together)[0], run(graph, quiet)[0])


def test_the_results_are_those_of_before_but_for_rounding(dynamic: Path, graph: Path, feeds: Feeds) -> None:
    rows = np.concatenate([feed["states"] for feed in feeds])

    fix_scales(graph, feeds)

    assert np.abs(run(graph, rows) - run(dynamic, rows)).max() < 0.02
    assert (are_scaled_by_batch(graph), are_scaled_by_batch(dynamic)) == (False, True)


def test_the_weights_stay_as_they_are_and_each_product_is_one_operator(
    dynamic: Path, graph: Path, feeds: Feeds
) -> None:
    fix_scales(graph, feeds)

    before, after = (onnx.load(path).graph for path in (dynamic, graph))
    kept = {each.name: each.SerializeToString() for each in after.initializer}
    assert all(kept[each.name] == each.SerializeToString() for each in before.initializer if each.name in kept)
    kinds = [node.op_type for node in after.node]
    assert kinds.count("MatMulIntegerToFloat") == 2
    assert not {"MatMulInteger", "Cast", DYNAMIC} & set(kinds)


def test_scales_can_be_fixed_anew(graph: Path, feeds: Feeds) -> None:
    fix_scales(graph, feeds)
    once = graph.read_bytes()

    fix_scales(graph, feeds, margin=2.0)
    wider = graph.read_bytes()
    fix_scales(graph, feeds)

    assert wider != once
    np.testing.assert_allclose(run(graph, next(iter(feeds))["states"]), run_of(once, feeds, graph), atol=0.02)


def run_of(content: bytes, feeds: Feeds, graph: Path) -> NDArray[np.float32]:
    other = graph.with_name("once.onnx")
    other.write_bytes(content)
    return run(other, next(iter(feeds))["states"])


@pytest.mark.parametrize("reach", [Reach(0.0, 0.0), Reach(-1.0, 3.0), Reach(2.0, 5.0), Reach(-4.0, -1.0)])
def test_zero_has_a_level_of_its_own(reach: Reach) -> None:
    scale, zero = reach.scaled(1.0)

    assert scale > 0
    assert 0 <= int(zero) <= 255
    assert int(zero) * float(scale) >= -min(0.0, reach.low) - float(scale)
