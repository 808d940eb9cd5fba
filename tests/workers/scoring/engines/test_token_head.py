"""The head that is appended to a graph gives what it gives on the encoder's own hidden states."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from moderation.ground.errors import ModelUnavailable
from tests.workers.tiny_checkpoints import TEXTS
from workers.scoring.encoder.token_head import TokenHead, add_head, read_head, write_head
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import CARRIED, LOGITS, OnnxEngine, open_session
from workers.scoring.engines.torch_engine import load_detoxify
from workers.scoring.engines.weights import (
    HEADS_FILE,
    MANIFEST,
    ONNX_FILE,
    ModelFolders,
    Weights,
    find_source,
    sha256_of,
)
from workers.scoring.evidence.occlusion import Occlusion
from workers.scoring.evidence.token_marks import TokenMarks
from workers.scoring.export.exporting import export_beside
from workers.scoring.loading import find_export
from workers.scoring.toxicity.explainers import explainer_of

HIDDEN, LABELS = 32, 6  # of the tiny checkpoint


def a_head(layers: tuple[int, ...] = (0, 2), *, seed: int = 3) -> TokenHead:
    random = np.random.default_rng(seed)
    shapes = ((HIDDEN * len(layers), 8), (8,), (8, LABELS), (LABELS,))
    return TokenHead(layers, *(random.normal(0, 0.3, shape).astype(np.float32) for shape in shapes))


@pytest.fixture
def folder(tiny_folders: dict[str, Path], tmp_path: Path) -> Path:
    """A checkpoint of our own with a head beside it."""
    own = tmp_path / "own"
    shutil.copytree(tiny_folders["bert"], own)
    put(own, a_head())
    return own


def put(folder: Path, head: TokenHead) -> None:
    write_head(folder / HEADS_FILE, head)
    files = {path.name: sha256_of(path) for path in (folder / "tiny.ckpt", folder / HEADS_FILE)}
    (folder / MANIFEST).write_text(json.dumps({"name": "own", "files": files}), encoding="utf-8")


def test_a_head_comes_back_as_it_was_written(tmp_path: Path) -> None:
    head = a_head()

    write_head(tmp_path / HEADS_FILE, head)

    read = read_head(tmp_path / HEADS_FILE)
    assert read.layers == head.layers
    np.testing.assert_allclose(read.inner, head.inner, rtol=1e-3)
    np.testing.assert_allclose(read.outer, head.outer, rtol=1e-3)
    np.testing.assert_array_equal(read.inner_bias, head.inner_bias)
    np.testing.assert_array_equal(read.outer_bias, head.outer_bias)


def test_the_amounts_of_an_export_are_those_of_the_head_on_torchs_hidden_states(
    folder: Path, places: ModelFolders, tmp_path: Path
) -> None:
    engine = OnnxEngine(find_export(str(folder), ModelFolders(places.models, tmp_path / "cache")))
    detoxify = load_detoxify("own", find_source(str(folder), places))
    head = read_head(folder / HEADS_FILE)

    carried = engine.read(TEXTS, engine.encode(TEXTS)).carried

    assert engine.outputs == {LOGITS, CARRIED}
    assert carried is not None
    for text, ours in zip(TEXTS, carried, strict=True):
        with torch.no_grad():
            states = detoxify.model(**detoxify.tokenizer(text, return_tensors="pt"), output_hidden_states=True)[1]
        theirs = head.of(torch.cat([states[layer][0] for layer in head.layers], dim=-1).numpy())
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=0.15)  # random weights are the worst case for int8
        assert np.ptp(theirs) > 1


def test_the_head_changes_no_score(
    folder: Path, tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path
) -> None:
    own = ModelFolders(places.models, tmp_path / "cache")
    bare, with_head = (find_export(str(path), own) for path in (tiny_folders["bert"], folder))

    scores = [engine.probabilities(TEXTS, engine.encode(TEXTS)) for engine in map(OnnxEngine, (bare, with_head))]

    np.testing.assert_array_equal(scores[0], scores[1])
    assert bare.folder != with_head.folder  # else one of them would have the other's graph


def test_weights_without_a_head_are_explained_by_occlusion(
    folder: Path, tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path
) -> None:
    own = ModelFolders(places.models, tmp_path / "cache")
    bare, with_head = (find_export(str(path), own) for path in (tiny_folders["bert"], folder))

    ways = [type(explainer_of(Toxicity(OnnxEngine(weights), weights))) for weights in (bare, with_head)]

    assert ways == [Occlusion, TokenMarks]


def test_another_head_takes_the_place_of_an_earlier_one(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    own = ModelFolders(places.models, tmp_path / "cache")
    first = find_export(str(folder), own)
    put(folder, a_head(seed=4))

    second = find_export(str(folder), own)

    graph = tmp_path / "twice.onnx"
    shutil.copyfile(first.folder / ONNX_FILE, graph)
    add_head(graph, read_head(folder / HEADS_FILE))
    assert sha256_of(graph) == sha256_of(second.folder / ONNX_FILE) != sha256_of(first.folder / ONNX_FILE)


def test_an_export_beside_its_checkpoint_has_the_head_too(folder: Path) -> None:
    made = export_beside(Weights.read("own", folder))

    outputs = open_session(made.verified(ONNX_FILE), threads=1).get_outputs()
    assert {output.name for output in outputs} == {LOGITS, CARRIED}


def test_a_head_for_a_deeper_encoder_is_refused(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    put(folder, a_head(layers=(0, 6)))

    with pytest.raises(ModelUnavailable, match="has 2 layers; its output 'carried' reads layer 6"):
        find_export(str(folder), ModelFolders(places.models, tmp_path / "cache"))


def test_a_changed_head_is_refused(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    with (folder / HEADS_FILE).open("ab") as head:
        head.write(b"\0")

    with pytest.raises(ModelUnavailable, match="sha256 differs"):
        find_export(str(folder), ModelFolders(places.models, tmp_path / "cache"))
