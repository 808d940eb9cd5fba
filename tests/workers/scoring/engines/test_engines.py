"""Batches are packed by tokens, and the packing changes nothing about the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.tiny_checkpoints import TEXTS
from workers.scoring.engines.onnx import LOGITS, VECTOR, OnnxEngine, logit, packed, sigmoid
from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, ONNX_FILE, TOPICS_FILE, ModelFolders, Weights
from workers.scoring.loading import find_export

FUSED = b"SkipLayerNormalization"
"""The operator into which ONNX Runtime joins a sum and the layer norm after it."""


@pytest.fixture
def run_graph(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where ONNX Runtime writes a graph as it runs it, each time that it opens one."""
    path, options = tmp_path / "run.onnx", onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(path)
    monkeypatch.setattr(onnxruntime, "SessionOptions", lambda: options)
    return path


@given(lengths=st.lists(st.integers(1, 300), max_size=60), budget=st.integers(1, 512))
def test_batches_hold_every_row_once_and_keep_to_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(packed(lengths, budget))

    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget


def test_rows_of_like_lengths_share_a_batch() -> None:
    assert list(packed([100, 3, 99, 4, 5], 200)) == [[1, 3, 4], [2, 0]]


@given(st.floats(-12, 12))
def test_logit_undoes_sigmoid(value: float) -> None:
    there = sigmoid(np.asarray([value], dtype=np.float32))

    assert float(logit(there)[0]) == pytest.approx(value, abs=0.05 + abs(value) ** 4 * 1e-4)


def test_sigmoid_and_logit_are_finite_at_the_ends() -> None:
    ends = np.asarray([-1e4, 1e4], dtype=np.float32)

    assert sigmoid(ends).tolist() == [0.0, 1.0]
    assert np.isfinite(logit(sigmoid(ends))).all()


@pytest.mark.parametrize("batch_tokens", [1, 64, 4096])
def test_results_come_in_order_whatever_the_batches(
    tiny_folders: dict[str, Path], places: ModelFolders, batch_tokens: int
) -> None:
    engine = OnnxEngine(find_export(str(tiny_folders["bert"]), places), batch_tokens=batch_tokens)
    texts = [*TEXTS, *reversed(TEXTS)]

    together = engine.probabilities(texts, engine.encode(texts))

    alone = np.concatenate([engine.probabilities([text], engine.encode([text])) for text in texts])
    assert together.shape == (len(texts), 6)
    np.testing.assert_allclose(together, alone, atol=0.02)  # padding shifts the scale of int8 activations a little
    assert np.ptp(alone[:, 0]) > 0.05


def test_an_encoding_is_the_whole_text(tiny_folders: dict[str, Path], places: ModelFolders) -> None:
    engine = OnnxEngine(find_export(str(tiny_folders["bert"]), places))
    text = "idiot " * 500

    assert len(engine.encode([text])[0].ids) > engine.max_tokens


def test_the_english_encoder_runs_layer_norms_apart_from_sums(places: ModelFolders, run_graph: Path) -> None:
    OnnxEngine(find_export(BUNDLED, places))

    graph = run_graph.read_bytes()
    assert b"LayerNormalization" in graph
    assert FUSED not in graph


@pytest.mark.parametrize(("file", "output"), [(ONNX_FILE, LOGITS), (TOPICS_FILE, VECTOR)])
def test_the_encoders_of_other_languages_run_them_joined_as_they_were_calibrated(
    places: ModelFolders, run_graph: Path, file: str, output: str
) -> None:
    weights = Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual")

    TableSession(weights, graph=file).run([[0, 2]], [output])

    assert FUSED in run_graph.read_bytes()
