"""Any checkpoint in Detoxify's format becomes an export that gives what Detoxify gives, and is made once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch

from moderation.ground.errors import ModelUnavailable
from tests.workers.tiny_checkpoints import TEXTS, Architecture
from workers.__main__ import main
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import LOGITS, OnnxEngine, logit
from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.engines.torch_engine import TorchEngine, downloaded_file, load_detoxify
from workers.scoring.engines.weights import (
    MANIFEST,
    NGRAMS_FILE,
    ONNX_FILE,
    TOKENIZER_FILE,
    TOXICITY_SIGNALS,
    VECTOR_FILE,
    ModelFolders,
    Weights,
    find_source,
    sha256_of,
)
from workers.scoring.export.exporting import export_source
from workers.scoring.export.graph import Logits, trace
from workers.scoring.export.with_vector import WithVector, write_projection
from workers.scoring.loading import find_export
from workers.scoring.ngrams.model import NGrams, write_ngrams


def engines(
    architecture: Architecture, folders: dict[str, Path], places: ModelFolders
) -> tuple[OnnxEngine, TorchEngine]:
    name = str(folders[architecture.name])
    return OnnxEngine(find_export(name, places)), TorchEngine.load(name, find_source(name, places))


def test_an_int8_export_agrees_with_detoxify(
    architecture: Architecture, tiny_folders: dict[str, Path], places: ModelFolders
) -> None:
    onnx, reference = engines(architecture, tiny_folders, places)

    ours = onnx.probabilities(TEXTS, onnx.encode(TEXTS))

    theirs = reference.probabilities(TEXTS, reference.encode(TEXTS))
    assert onnx.labels == reference.labels
    assert onnx.max_tokens == reference.max_tokens == 64
    np.testing.assert_allclose(ours, theirs, atol=0.08)  # random weights are the worst case for int8
    assert np.ptp(theirs, axis=0).max() > 0.05


def test_the_traced_graph_is_the_model_to_the_last_digits(
    architecture: Architecture, tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path
) -> None:
    detoxify = load_detoxify("tiny", find_source(str(tiny_folders[architecture.name]), places))
    trace(Logits(detoxify.model), tmp_path / "float.onnx", [LOGITS])
    session = onnxruntime.InferenceSession(str(tmp_path / "float.onnx"))

    for text in TEXTS:
        inputs = detoxify.tokenizer(text, return_tensors="np")
        ids, mask = (inputs[name].astype("int64") for name in ("input_ids", "attention_mask"))
        logits = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        expected = detoxify.model(**detoxify.tokenizer(text, return_tensors="pt"))[0].detach().numpy()
        np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_tokens_are_those_of_detoxifys_tokenizer(
    architecture: Architecture, tiny_folders: dict[str, Path], places: ModelFolders
) -> None:
    onnx, _ = engines(architecture, tiny_folders, places)
    detoxify = load_detoxify("tiny", find_source(str(tiny_folders[architecture.name]), places))

    assert [e.ids for e in onnx.encode(TEXTS)] == [detoxify.tokenizer(text)["input_ids"] for text in TEXTS]


def test_identity_heads_are_no_signals(tiny_folders: dict[str, Path], places: ModelFolders) -> None:
    weights = find_export(str(tiny_folders["xlm-roberta"]), places)

    toxicity = Toxicity(OnnxEngine(weights), weights)

    assert len(weights.labels) == 16
    assert set(toxicity.signals) == set(TOXICITY_SIGNALS)
    assert toxicity.score(TEXTS).shape == (len(TEXTS), 7)


def test_older_class_names_become_ours(tiny_folders: dict[str, Path], places: ModelFolders) -> None:
    assert find_export(str(tiny_folders["bert"]), places).labels == (
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    )


def test_an_export_is_made_once_and_made_anew_when_the_weights_change(
    tiny_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_folders["bert"], folder)
    places = ModelFolders(tmp_path, tmp_path / "cache")
    first = find_export(str(folder), places)
    made_at = (first.folder / ONNX_FILE).stat().st_mtime_ns

    again = find_export(str(folder / "tiny.ckpt"), places)

    assert (again.folder, again.version) == (first.folder, first.version)
    assert (again.folder / ONNX_FILE).stat().st_mtime_ns == made_at
    with (folder / "tiny.ckpt").open("ab") as checkpoint:
        checkpoint.write(b"\0")
    assert find_export(str(folder), places).folder != first.folder
    assert sorted(path.name for path in places.cache.iterdir() if path.name.startswith(".")) == []


def test_n_grams_beside_a_checkpoint_go_with_its_export(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    folder, places = tmp_path / "own", ModelFolders(tmp_path, tmp_path / "cache")
    shutil.copytree(tiny_folders["bert"], folder)
    without = find_export(str(folder), places)
    _put_ngrams(folder, bias=2.0)
    exported = find_export(str(folder), places)

    with_them, alone = (Toxicity(OnnxEngine(w), w).score(TEXTS)[:, 0] for w in (exported, without))

    np.testing.assert_allclose(logit(with_them), logit(alone) + 2.0, atol=1e-3)
    _put_ngrams(folder, bias=3.0)
    others = find_export(str(folder), places)
    assert len({without.version, exported.version, others.version}) == 3
    assert len({without.folder, exported.folder, others.folder}) == 3


def test_another_projection_beside_a_checkpoint_is_another_export_and_another_space(
    tiny_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder, places = tmp_path / "own", ModelFolders(tmp_path, tmp_path / "cache")
    shutil.copytree(tiny_folders["bert"], folder)
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        write_projection(WithVector(load_detoxify("own", find_source(str(folder), places)).model), folder / VECTOR_FILE)
        files = {path.name: sha256_of(path) for path in (*folder.glob("*.ckpt"), folder / VECTOR_FILE)}
        (folder / MANIFEST).write_text(json.dumps({"name": "own", "files": files}), encoding="utf-8")
        found.append(find_export(str(folder), places))

    first, second = ((engine := OnnxEngine(w)).read(TEXTS, engine.encode(TEXTS)) for w in found)

    assert first.vectors is not None and second.vectors is not None
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    assert not np.allclose(first.vectors, second.vectors, atol=0.01)
    assert found[0].space != found[1].space


def _put_ngrams(folder: Path, *, bias: float) -> None:
    none = np.zeros((4, 1), dtype=np.float32)
    ngrams = NGrams(("toxicity",), np.ones(4, dtype=np.float32), none, np.asarray([bias], dtype=np.float32))
    write_ngrams(folder / NGRAMS_FILE, ngrams)
    files = {path.name: sha256_of(path) for path in (*folder.glob("*.ckpt"), folder / NGRAMS_FILE)}
    (folder / MANIFEST).write_text(json.dumps({"name": "own", "files": files}), encoding="utf-8")


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [_cut_off, Path.unlink], ids=["cut off", "gone"])
@pytest.mark.parametrize("file", [ONNX_FILE, TOKENIZER_FILE, MANIFEST])
def test_a_damaged_export_is_made_again(
    tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    own = ModelFolders(places.models, tmp_path)
    whole = find_export(str(tiny_folders["bert"]), places).folder
    kept = tmp_path / whole.name
    shutil.copytree(whole, kept)
    damage(kept / file)

    again = find_export(str(tiny_folders["bert"]), own)

    assert again.folder == kept
    assert OnnxEngine(again).labels == again.labels
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
    assert kept.stat().st_mode & 0o755 == 0o755


def test_of_two_workers_that_export_at_once_the_first_wins(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    source = find_source(str(tiny_folders["bert"]), ModelFolders(tmp_path, tmp_path))
    folder = tmp_path / "tiny-12345678"
    first = export_source(source, folder)
    made_at = (folder / ONNX_FILE).stat().st_mtime_ns

    second = export_source(source, folder)  # it began before the first was done

    assert second.manifest == first.manifest
    assert (folder / ONNX_FILE).stat().st_mtime_ns == made_at
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off"])
def test_a_download_that_was_cut_off_is_named(
    places: ModelFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub._hub_dir", None)
    file = downloaded_file("unbiased")
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    with pytest.raises(ModelUnavailable, match=f"{file} is not a checkpoint: delete it"):
        find_export("unbiased", places)


def test_official_weights_that_cannot_be_downloaded_are_named(
    places: ModelFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub._hub_dir", None)
    monkeypatch.setattr("torch.hub.urlopen", _no_network)

    with pytest.raises(ModelUnavailable, match="'unbiased' are not on this machine and could not be downloaded"):
        find_export("unbiased", places)


def _no_network(*_: object, **__: object) -> None:
    raise URLError("no network")


def test_a_changed_file_is_refused(tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path) -> None:
    export = find_export(str(tiny_folders["bert"]), places)
    copy = tmp_path / "changed"
    shutil.copytree(export.folder, copy)
    with (copy / ONNX_FILE).open("ab") as graph:
        graph.write(b"\0")

    with pytest.raises(ModelUnavailable, match="sha256 differs"):
        OnnxEngine(Weights.read("tiny", copy))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "does not exist"), ("{", "is not JSON"), ("[]", "lists no files"), ("{}", "lists no")],
)
def test_a_folder_without_a_good_manifest_is_refused(tmp_path: Path, content: str | None, reason: str) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)

    with pytest.raises(ModelUnavailable, match=reason):
        Weights.read("own", tmp_path)


def test_an_unknown_name_is_refused_with_the_names_there_are(places: ModelFolders) -> None:
    with pytest.raises(ModelUnavailable, match="no weights 'orignal'.*bundled, original, unbiased"):
        find_export("orignal", places)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\x80\x04N."])
def test_a_file_that_is_no_checkpoint_is_refused(places: ModelFolders, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.ckpt").write_bytes(content)

    with pytest.raises(ModelUnavailable, match="Detoxify cannot load the checkpoint"):
        find_export(str(tmp_path), places)


def test_two_checkpoints_in_a_folder_are_refused(
    tiny_folders: dict[str, Path], places: ModelFolders, tmp_path: Path
) -> None:
    folder = tmp_path / "two"
    shutil.copytree(tiny_folders["bert"], folder)
    shutil.copyfile(folder / "tiny.ckpt", folder / "other.ckpt")

    with pytest.raises(ModelUnavailable, match="2 checkpoints"):
        find_export(str(folder), places)


def test_the_command_writes_the_bundled_export_beside_its_checkpoint(
    tiny_folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models" / "toxicity"
    shutil.copytree(tiny_folders["bert"], folder)
    files = {p.name: _sha256(p) for p in folder.iterdir()}
    manifest = {"name": "tiny", "licence": "none", "labels": list("abcdef"), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest))

    status = main(["export", "--models-dir", str(tmp_path / "models"), "--cache-dir", str(tmp_path / "cache")])

    written = json.loads((folder / MANIFEST).read_text())
    assert status == 0
    assert "bundled@" in capsys.readouterr().out
    assert written["licence"] == "none"
    assert written["files"][ONNX_FILE] == _sha256(folder / ONNX_FILE)
    assert OnnxEngine(find_export("bundled", ModelFolders(tmp_path / "models", tmp_path / "cache"))).labels == tuple(
        "abcdef"
    )
    assert not (tmp_path / "cache").exists()


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--models-dir", str(tmp_path)]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_serving_imports_no_torch_and_no_service() -> None:
    heavy = "{'torch', 'transformers', 'detoxify', 'sqlalchemy', 'redis', 'rq', 'flask', 'pandas', 'sklearn'}"
    program = f"import sys, workers.scoring.scorer, workers.commands.score; print(sorted({heavy} & set(sys.modules)))"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
