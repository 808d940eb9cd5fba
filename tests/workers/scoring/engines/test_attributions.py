"""The attributions that are appended to a graph are those on the encoder's own hidden states, and change nothing
else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from moderation.ground.errors import ModelUnavailable
from tests.workers.scoring.engines.test_token_head import HIDDEN, a_head
from tests.workers.tiny_checkpoints import TEXTS
from workers.scoring.encoder.attributions import (
    Attributions,
    add_attributions,
    read_attributions,
    read_directions,
    towards,
    write_attributions,
)
from workers.scoring.encoder.token_head import write_head
from workers.scoring.engines.onnx import ATTRIBUTIONS, CARRIED, LOGITS, OnnxEngine
from workers.scoring.engines.torch_engine import load_detoxify
from workers.scoring.engines.weights import (
    ATTRIBUTIONS_FILE,
    HEADS_FILE,
    MANIFEST,
    ONNX_FILE,
    ModelFolders,
    find_source,
    sha256_of,
)
from workers.scoring.loading import find_export

DIRECTIONS, DIMENSIONS = 5, 16


def some_attributions(layers: tuple[int, ...] = (0, 2), *, seed: int = 3) -> Attributions:
    random = np.random.default_rng(seed)
    shapes = ((HIDDEN * len(layers), DIRECTIONS), (DIRECTIONS,), (DIRECTIONS, DIMENSIONS))
    return Attributions(layers, *(random.normal(0, 0.3, shape).astype(np.float32) for shape in shapes))


@pytest.fixture
def folder(tiny_folders: dict[str, Path], tmp_path: Path) -> Path:
    """A checkpoint of our own with a head and attributions beside it."""
    own = tmp_path / "own"
    shutil.copytree(tiny_folders["bert"], own)
    write_head(own / HEADS_FILE, a_head())
    put(own, some_attributions())
    return own


def put(folder: Path, attributions: Attributions) -> None:
    write_attributions(folder / ATTRIBUTIONS_FILE, attributions)
    files = {name: sha256_of(folder / name) for name in ("tiny.ckpt", HEADS_FILE, ATTRIBUTIONS_FILE)}
    (folder / MANIFEST).write_text(json.dumps({"name": "own", "files": files}), encoding="utf-8")


def test_attributions_come_back_as_they_were_written(tmp_path: Path) -> None:
    attributions = some_attributions()

    write_attributions(tmp_path / ATTRIBUTIONS_FILE, attributions)

    read = read_attributions(tmp_path / ATTRIBUTIONS_FILE)
    assert read.layers == attributions.layers
    np.testing.assert_allclose(read.inner, attributions.inner, rtol=1e-3)
    np.testing.assert_array_equal(read.inner_bias, attributions.inner_bias)
    np.testing.assert_allclose(read.directions, attributions.directions, rtol=1e-3)
    np.testing.assert_array_equal(read_directions(tmp_path / ATTRIBUTIONS_FILE), read.directions)


def test_the_attributions_of_an_export_are_those_on_torchs_hidden_states(
    folder: Path, places: ModelFolders, tmp_path: Path
) -> None:
    engine = OnnxEngine(find_export(str(folder), ModelFolders(places.models, tmp_path / "cache")))
    detoxify = load_detoxify("own", find_source(str(folder), places))
    attributions = read_attributions(folder / ATTRIBUTIONS_FILE)

    found = engine.read(TEXTS, engine.encode(TEXTS)).attributions

    assert engine.outputs == {LOGITS, CARRIED, ATTRIBUTIONS}
    assert found is not None
    for text, ours in zip(TEXTS, found, strict=True):
        with torch.no_grad():
            states = detoxify.model(**detoxify.tokenizer(text, return_tensors="pt"), output_hidden_states=True)[1]
        theirs = attributions.of(torch.cat([states[layer][0] for layer in attributions.layers], dim=-1).numpy())
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=0.3)  # random weights are the worst case for int8
        assert np.ptp(theirs) > 1


def test_attributions_change_no_score_and_no_amount(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    own = ModelFolders(places.models, tmp_path / "cache")
    with_both = find_export(str(folder), own)
    (folder / ATTRIBUTIONS_FILE).unlink()
    files = {name: sha256_of(folder / name) for name in ("tiny.ckpt", HEADS_FILE)}
    (folder / MANIFEST).write_text(json.dumps({"name": "own", "files": files}), encoding="utf-8")

    bare = find_export(str(folder), own)

    ours, theirs = (engine.read(TEXTS, engine.encode(TEXTS)) for engine in map(OnnxEngine, (with_both, bare)))
    assert bare.folder != with_both.folder  # else one of them would have the other's graph
    assert theirs.attributions is None
    np.testing.assert_array_equal(ours.probabilities, theirs.probabilities)
    assert ours.carried is not None and theirs.carried is not None
    assert all(np.array_equal(a, b) for a, b in zip(ours.carried, theirs.carried, strict=True))


def test_other_attributions_take_the_place_of_earlier_ones(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    own = ModelFolders(places.models, tmp_path / "cache")
    first = find_export(str(folder), own)
    put(folder, some_attributions(seed=4))

    second = find_export(str(folder), own)

    graph = tmp_path / "twice.onnx"
    shutil.copyfile(first.folder / ONNX_FILE, graph)
    add_attributions(graph, read_attributions(folder / ATTRIBUTIONS_FILE))
    assert sha256_of(graph) == sha256_of(second.folder / ONNX_FILE) != sha256_of(first.folder / ONNX_FILE)


def test_attributions_for_a_deeper_encoder_are_refused(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    put(folder, some_attributions(layers=(0, 3)))

    with pytest.raises(ModelUnavailable, match="has 2 layers; its output 'pulls' reads layer 3"):
        find_export(str(folder), ModelFolders(places.models, tmp_path / "cache"))


def test_changed_attributions_are_refused(folder: Path, places: ModelFolders, tmp_path: Path) -> None:
    with (folder / ATTRIBUTIONS_FILE).open("ab") as attributions:
        attributions.write(b"\0")

    with pytest.raises(ModelUnavailable, match="sha256 differs"):
        find_export(str(folder), ModelFolders(places.models, tmp_path / "cache"))


def test_a_token_adds_its_attribution_towards_the_other_text_as_its_share_of_all_tokens() -> None:
    directions = np.asarray([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    along = np.asarray([[1.0, 0.0], [0.0, -1.0], [0.0, 0.0], [2.0, 2.0]], dtype=np.float32)

    found = towards(np.asarray([0.6, 0.8], dtype=np.float32), along, directions)

    np.testing.assert_allclose(found, [0.15, -0.4, 0.0, 1.1], rtol=1e-6)


def test_no_tokens_add_nothing() -> None:
    assert towards(np.ones(2, dtype=np.float32), np.zeros((0, 3), np.float32), np.ones((3, 2), np.float32)).size == 0
