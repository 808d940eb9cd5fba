"""From texts to weights that Detoxify itself loads: a tiny real training, without any shortcut."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from detoxify import Detoxify

from tests.training.manifests import mismatches
from training.loop.labelled_sitting import masked_loss
from training.loop.scorer import logits_of, probabilities
from training.publishing.bundle import bundle_toxicity
from training.publishing.publish import toxicity_facts
from training.rows.assemble import read_own_texts
from training.rows.dataset import LABELS, Rows
from training.toxicity.calibrate import Calibration, fit, fold
from training.toxicity.stage import Recipe, train
from workers.scoring.engines.weights import Weights, default_models_dir

TEXTS = Path(__file__).parents[3] / "training" / "texts"


def some_own_texts(count: int) -> Rows:
    rows, _ = read_own_texts(TEXTS)
    chosen = np.random.default_rng(5).permutation(len(rows))[:count]
    return rows.pick(chosen.astype(np.int64))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    return train(some_own_texts(120), out, Recipe(epochs=1.0, save_every=1000))


@pytest.fixture(scope="module")
def bundled(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("somewhere") / "toxicity"
    bundle_toxicity(trained, folder, {"name": "test"})
    return folder


def portable(checkpoint: Path, folder: Path) -> io.BytesIO:
    """The checkpoint with `folder` as its model type, for `Detoxify(checkpoint=…, huggingface_config_path=folder)`."""
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    content["config"]["arch"]["args"]["model_type"] = str(folder)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    buffer.seek(0)
    return buffer


def test_detoxify_loads_the_bundle_wherever_it_lies_and_runs_in_single_precision(bundled: Path) -> None:
    loaded = Detoxify(checkpoint=portable(bundled / "toxicity.ckpt", bundled), huggingface_config_path=str(bundled))

    scores = loaded.predict(["What an idiotic policy.", "Thank you for the detailed answer."])

    assert tuple(scores) == LABELS
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}


def test_our_scores_are_those_of_detoxify(bundled: Path) -> None:
    texts = some_own_texts(12).texts
    loaded = Detoxify(checkpoint=portable(bundled / "toxicity.ckpt", bundled), huggingface_config_path=str(bundled))

    ours = probabilities(logits_of(bundled / "toxicity.ckpt", texts))
    theirs = np.asarray([list(loaded.predict(text).values()) for text in texts])

    assert np.abs(ours - theirs).max() < 1e-4


def test_weights_are_half_precision_and_small(bundled: Path) -> None:
    assert (bundled / "toxicity.ckpt").stat().st_size < 50_000_000


def test_a_changed_byte_is_found_out(bundled: Path) -> None:
    assert mismatches(bundled) == ()
    config = bundled / "config.json"
    before = config.read_bytes()

    config.write_bytes(before + b" ")

    assert mismatches(bundled) == ("config.json",)
    config.write_bytes(before)


def test_manifest_names_the_labels_and_the_base(bundled: Path) -> None:
    manifest = json.loads((bundled / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["labels"] == list(LABELS)
    assert manifest["base"]["licence"] == "Apache-2.0"


def test_training_lowers_the_loss_and_a_second_run_goes_on_from_the_first(trained: Path, tmp_path: Path) -> None:
    rows = some_own_texts(120)
    labels = torch.from_numpy(rows.labels)
    before = masked_loss(torch.from_numpy(logits_of(trained, rows.texts)), labels, torch.ones_like(labels))

    again = train(rows, tmp_path, Recipe(epochs=2.0, init=trained))

    after = masked_loss(torch.from_numpy(logits_of(again, rows.texts)), labels, torch.ones_like(labels))
    assert float(after) < float(before)


def test_frozen_layers_stay_and_the_others_learn(trained: Path, tmp_path: Path) -> None:
    again = train(some_own_texts(40), tmp_path, Recipe(epochs=1.0, init=trained, frozen_layers=3, processes=1))

    before, after = (torch.load(path, weights_only=True)["state_dict"] for path in (trained, again))
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert not [name for name in moved if "embeddings" in name or any(f"layer.{n}." in name for n in range(3))]
    assert {n for n in range(6) if any(f"layer.{n}." in name for name in moved)} == {3, 4, 5}


def test_calibration_folded_into_the_weights_scales_and_shifts_the_logits(trained: Path, tmp_path: Path) -> None:
    texts = some_own_texts(8).texts
    matrix, offsets = np.diag((1.0, 1.0, 2.0, 1.0, 0.5, 1.0)), np.asarray((0.0, -1.0, 0.0, 0.0, 0.5, 0.0))
    matrix[0, 4] = 0.5

    fold(trained, Calibration(matrix, offsets), tmp_path / "folded.ckpt")

    expected = logits_of(trained, texts) @ matrix.T + offsets
    assert np.abs(logits_of(tmp_path / "folded.ckpt", texts) - expected).max() < 5e-3


def test_toxicity_also_uses_the_other_heads_and_they_use_only_themselves() -> None:
    random = np.random.default_rng(3)
    logits = random.normal(size=(400, len(LABELS))).astype(np.float32)
    labels = np.full((400, len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = labels[:, 4] = logits[:, 4] > 0

    found = fit(logits, Rows(("",) * 400, labels, np.ones_like(labels), ("",) * 400), np.ones(400))

    assert found.matrix[0, 4] > 5 * np.abs(np.delete(found.matrix[0], 4)).max()
    assert np.count_nonzero(found.matrix[4]) == 1
    assert found.matrix[1].tolist() == np.eye(len(LABELS))[1].tolist()  # nobody gave that label


def test_unlabelled_cells_count_for_nothing() -> None:
    logits = torch.tensor([[3.0, -50.0]])
    labels = torch.tensor([[1.0, float("nan")]])

    assert float(masked_loss(logits, labels, torch.ones(1, 2))) == pytest.approx(0.0486, abs=1e-3)


def test_the_manifest_of_the_bundled_weights_says_what_a_training_would_publish() -> None:
    bundled, facts = Weights.read("bundled", default_models_dir() / "toxicity").manifest, toxicity_facts()

    assert len(facts) >= 8
    assert {key: bundled.get(key) for key in facts} == facts
