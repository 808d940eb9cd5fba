"""Converts Detoxify weights into an int8 ONNX graph once, so that serving needs no torch. Importing this module imports
torch.

``gavel export`` writes a bundled export beside its checkpoint; other weights go to the cache, by sha256.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workers.scoring.encoder.attributions import add_attributions, read_attributions
from workers.scoring.encoder.token_head import add_head, read_head
from workers.scoring.engines.onnx import LOGITS, VECTOR, uncut
from workers.scoring.engines.torch_engine import downloaded_file, load_detoxify, token_limit
from workers.scoring.engines.weights import (
    ATTRIBUTIONS_FILE,
    BESIDE,
    HEADS_FILE,
    MANIFEST,
    OFFICIAL_NAMES,
    ONNX_FILE,
    TOKENIZER_FILE,
    VECTOR_FILE,
    ModelFolders,
    Weights,
    cache_folder,
    encoder_sha256,
    find_source,
    languages_of,
    sha256_of,
    whole_export,
)
from workers.scoring.export.graph import Logits, write_graph
from workers.scoring.export.with_vector import with_projection


def export(name: str, places: ModelFolders) -> Weights:
    """Exports weights into the cache, by name or path."""
    if name in OFFICIAL_NAMES:
        return export_official(name, places)
    source = find_source(name, places)
    return export_source(source, cache_folder(source, places))


def export_official(name: str, places: ModelFolders) -> Weights:
    """Downloads one of Detoxify's own weights and exports it into the cache."""
    detoxify = load_detoxify(name, None)
    sha = sha256_of(downloaded_file(name))
    folder = places.cache / f"{name}-{sha[:8]}"
    return write_export(detoxify, folder, {"name": name, "languages": languages_of(name), "weights_sha256": sha})


def export_source(source: Weights, folder: Path) -> Weights:
    """Exports a checkpoint's folder into another folder."""
    detoxify = load_detoxify(source.name, source)
    kept = {k: v for k, v in source.manifest.items() if k not in ("files", "labels", "max_tokens")}
    sha = encoder_sha256(source)
    beside = [source.verified(file) for file in BESIDE if file in source.manifest["files"]]
    return write_export(detoxify, folder, {**kept, "name": source.name, "weights_sha256": sha}, beside)


def export_beside(source: Weights) -> Weights:
    """Writes the export into the checkpoint's own folder, and its sha256 into the manifest there."""
    detoxify = load_detoxify(source.name, source)
    _write_graph(detoxify, source.folder)
    manifest = {**source.manifest, "max_tokens": token_limit(detoxify)}
    manifest["files"] = {**manifest["files"], ONNX_FILE: sha256_of(source.folder / ONNX_FILE)}
    write_json(source.folder / MANIFEST, manifest)
    return Weights.read(source.name, source.folder)


def write_export(detoxify: Any, folder: Path, facts: Mapping[str, Any], beside: Sequence[Path] = ()) -> Weights:
    """Writes graph, tokenizer and manifest, and copies of ``beside``, to a folder that appears complete or not at
    all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".partial-"))
    try:
        uncut(detoxify.tokenizer.backend_tokenizer).save(str(partial / TOKENIZER_FILE))
        for path in beside:
            shutil.copyfile(path, partial / path.name)
        _write_graph(detoxify, partial)
        files = (ONNX_FILE, TOKENIZER_FILE, *(path.name for path in beside))
        manifest = {
            **facts,
            "labels": list(detoxify.class_names),
            "max_tokens": token_limit(detoxify),
            "pad_id": detoxify.tokenizer.pad_token_id,
            "files": {file: sha256_of(partial / file) for file in files},
        }
        write_json(partial / MANIFEST, manifest)
        _put(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Weights.read(str(facts["name"]), folder)


def _write_graph(detoxify: Any, folder: Path) -> None:
    """Writes the graph with all outputs for which there are files in the folder."""
    graph, projection, heads, attributions = (
        folder / file for file in (ONNX_FILE, VECTOR_FILE, HEADS_FILE, ATTRIBUTIONS_FILE)
    )
    model, tokenizer = detoxify.model, uncut(detoxify.tokenizer.backend_tokenizer)
    model.set_attn_implementation("eager")  # PyTorch's own attention leaves steps in the graph that take a tenth more
    if projection.exists():
        write_graph(with_projection(model, projection), graph, tokenizer, (LOGITS, VECTOR))
    else:
        write_graph(Logits(model), graph, tokenizer)
    if heads.exists():
        add_head(graph, read_head(heads))
    if attributions.exists():
        add_attributions(graph, read_attributions(attributions))


def _put(partial: Path, folder: Path) -> None:
    """Moves an export into place. If another process was quicker, its export of the same weights stays."""
    partial.chmod(0o755)  # temporary folders belong to one user, and a worker may run as another
    try:
        os.replace(partial, folder)
    except OSError:
        if whole_export(folder.name, folder) is None:
            _replace_damaged(partial, folder)


def _replace_damaged(partial: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".damaged-") as aside:
        os.replace(folder, Path(aside) / folder.name)
        os.replace(partial, folder)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
