"""Turn Detoxify weights into an int8 ONNX graph, once, so that serving needs no torch.

``python -m workers export`` writes the bundled export beside its checkpoint; other weights go to the cache, by sha256.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.errors import ModelUnavailable
from workers.engines import load_detoxify, token_limit, uncut
from workers.weights import (
    BUNDLED,
    MANIFEST,
    OFFICIAL_NAMES,
    ONNX_FILE,
    TOKENIZER_FILE,
    Weights,
    default_cache_dir,
    default_models_dir,
    languages_of,
    sha256_of,
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where weights are looked for, and where exports are kept."""

    models: Path
    cache: Path

    @classmethod
    def of(cls, models_dir: Path | None, cache_dir: Path | None) -> Places:
        return cls(models_dir or default_models_dir(), cache_dir or default_cache_dir())


def find_export(name: str, places: Places) -> Weights:
    """Exported weights for a name or a path, made now where there are none yet.

    Raises:
        ModelUnavailable: no such weights, or they must be exported and torch is not installed.
    """
    if name in OFFICIAL_NAMES:
        return _cached(name, places) or export_official(name, places)
    source = find_source(name, places)
    if (source.folder / ONNX_FILE).is_file() and ONNX_FILE in source.manifest["files"]:
        return source
    return _cached_by_sha(source, places) or export_source(source, _cache_folder(source, places))


def find_source(name: str, places: Places) -> Weights:
    """The folder of a checkpoint: the bundled one, or the path of a folder or of a checkpoint in it."""
    if name == BUNDLED:
        return Weights.read(name, places.models / "toxicity")
    path = Path(name)
    folder = path.parent if path.suffix == ".ckpt" else path
    if not folder.is_dir():
        names = ", ".join((BUNDLED, *OFFICIAL_NAMES))
        raise ModelUnavailable(f"no weights {name!r}: give one of {names}, or the folder of a Detoxify checkpoint")
    if (folder / MANIFEST).exists():
        return Weights.read(folder.name, folder)
    return _unlisted(folder)


def export_official(name: str, places: Places) -> Weights:
    """Download one of Detoxify's own names and export it into the cache."""
    detoxify = load_detoxify(name, None)
    sha = sha256_of(_downloaded_file(name))
    folder = places.cache / f"{name}-{sha[:8]}"
    return write_export(detoxify, folder, {"name": name, "languages": languages_of(name), "weights_sha256": sha})


def export_source(source: Weights, folder: Path) -> Weights:
    """Export a checkpoint's folder into another folder."""
    detoxify = load_detoxify(source.name, source)
    kept = {k: v for k, v in source.manifest.items() if k not in ("files", "labels", "max_tokens")}
    sha = sha256_of(source.checkpoint)
    return write_export(detoxify, folder, {**kept, "name": source.name, "weights_sha256": sha})


def export_beside(source: Weights) -> Weights:
    """Write the export into the checkpoint's own folder, and its sha256 into the manifest there."""
    detoxify = load_detoxify(source.name, source)
    write_graph(detoxify.model, source.folder / ONNX_FILE)
    manifest = {**source.manifest, "max_tokens": token_limit(detoxify)}
    manifest["files"] = {**manifest["files"], ONNX_FILE: sha256_of(source.folder / ONNX_FILE)}
    _write_json(source.folder / MANIFEST, manifest)
    return Weights.read(source.name, source.folder)


def write_export(detoxify: Any, folder: Path, facts: Mapping[str, Any]) -> Weights:
    """Write graph, tokenizer and manifest to a folder that appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".partial-"))
    try:
        write_graph(detoxify.model, partial / ONNX_FILE)
        uncut(detoxify.tokenizer.backend_tokenizer).save(str(partial / TOKENIZER_FILE))
        manifest = {
            **facts,
            "labels": list(detoxify.class_names),
            "max_tokens": token_limit(detoxify),
            "pad_id": detoxify.tokenizer.pad_token_id,
            "files": {file: sha256_of(partial / file) for file in (ONNX_FILE, TOKENIZER_FILE)},
        }
        _write_json(partial / MANIFEST, manifest)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Weights.read(str(facts["name"]), folder)


def write_graph(model: Any, path: Path, *, output: str = "logits") -> None:
    """Trace a classifier and quantise its matrix products to int8. The path is written at once, at the end."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".graph-") as work:
        whole, small = Path(work) / "float.onnx", Path(work) / ONNX_FILE
        _trace(model, whole, output)
        _quantise(whole, small)
        os.replace(small, path)


def _trace(model: Any, path: Path, output: str) -> None:
    import torch

    ids = torch.ones((2, 8), dtype=torch.int64) * 5  # an ordinary token: some models derive positions from padding
    rows, tokens = {0: "rows"}, {0: "rows", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _first_output(model.eval().float()),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=[output],
            dynamic_axes={"input_ids": tokens, "attention_mask": tokens, output: rows},
            dynamo=False,  # the newer exporter needs a further package and gives the same graph
        )


def _first_output(model: Any) -> Any:
    import torch

    class FirstOutput(torch.nn.Module):
        """The classifier as a function of ids and mask only."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
            return logits

    return FirstOutput().eval()


def _quantise(whole: Path, small: Path) -> None:
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = whole.with_name("prepared.onnx")
    logging.getLogger().setLevel(logging.ERROR)  # the quantiser logs to the root about its own pre-processing
    quant_pre_process(whole, prepared, skip_symbolic_shape=True)
    quantize_dynamic(prepared, small, weight_type=QuantType.QInt8, per_channel=True)


def _cached(name: str, places: Places) -> Weights | None:
    """An official name stands for one file for good, so any complete export of it will do."""
    found = sorted(places.cache.glob(f"{name}-????????/{MANIFEST}"))
    return Weights.read(name, found[0].parent) if found else None


def _cache_folder(source: Weights, places: Places) -> Path:
    return places.cache / f"{source.name}-{sha256_of(source.checkpoint)[:8]}"


def _cached_by_sha(source: Weights, places: Places) -> Weights | None:
    folder = _cache_folder(source, places)
    return Weights.read(source.name, folder) if (folder / MANIFEST).exists() else None


def _unlisted(folder: Path) -> Weights:
    """A checkpoint's folder without a manifest, as people bring them: what lies there is what is meant."""
    files = {path.name: sha256_of(path) for path in sorted(folder.glob("*.ckpt"))}
    return Weights(folder.name, folder, {"name": folder.name, "labels": [], "files": files})


def _downloaded_file(name: str) -> Path:
    import torch
    from detoxify.detoxify import MODEL_URLS

    return Path(torch.hub.get_dir()) / "checkpoints" / str(MODEL_URLS[name]).rsplit("/", 1)[1]


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def main(argv: Sequence[str]) -> int:
    """Export weights from the command line; prints where they are."""
    parser = argparse.ArgumentParser(prog="python -m workers export", description=__doc__)
    parser.add_argument(
        "--model", default=BUNDLED, help="an official name, or a checkpoint's folder (default: bundled)"
    )
    parser.add_argument("--models-dir", type=Path, help="folder that holds toxicity/ (default: models/)")
    parser.add_argument("--cache-dir", type=Path, help="where exports of other weights go (default: var/models)")
    given = parser.parse_args(argv)
    places = Places.of(given.models_dir, given.cache_dir)
    try:
        bundled = given.model == BUNDLED
        weights = export_beside(find_source(BUNDLED, places)) if bundled else find_export(given.model, places)
    except ModelUnavailable as e:
        print(f"export: {e}", file=sys.stderr)
        return 1
    print(f"{weights.version} is in {weights.folder}")
    return 0
