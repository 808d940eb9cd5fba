"""Put weights, tokenizer and configuration into a folder, with a manifest that names every file's sha256."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.loop.checkpoint import base_folder, classifier_config
from training.rows.dataset import LABELS
from workers.scoring.engines.weights import NGRAMS_FILE, VECTOR_FILE
from workers.scoring.ngrams.model import NGrams, write_ngrams

MANIFEST = "manifest.json"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
BASE = {"name": "sentence-transformers/all-MiniLM-L6-v2", "licence": "Apache-2.0"}


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_manifest(folder: Path, facts: Mapping[str, Any], files: tuple[str, ...]) -> None:
    """Write `manifest.json`: the facts, and the sha256 of each of the files, which must lie in the folder."""
    content = {
        **facts,
        "made": datetime.now(UTC).date().isoformat(),
        "base": BASE,
        "files": {name: sha256_of(folder / name) for name in files},
    }
    (folder / MANIFEST).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def copy_tokenizer(folder: Path) -> None:
    """Copy the base model's tokenizer into the folder, without its habit of cutting and padding to 128 tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        shutil.copyfile(base_folder() / name, folder / name)
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(folder / "tokenizer.json"))


def bundle_toxicity(
    checkpoint: Path,
    folder: Path,
    facts: Mapping[str, Any],
    ngrams: NGrams | None = None,
    projection: Path | None = None,
) -> None:
    """Fill the folder so that Detoxify can load it offline as `huggingface_config_path`.

    Detoxify knows neither n-grams nor the projection that makes vectors: they lie beside the checkpoint.
    """
    copy_tokenizer(folder)
    classifier_config().to_json_file(folder / "config.json")
    shutil.copyfile(checkpoint, folder / "toxicity.ckpt")
    files: tuple[str, ...] = ("toxicity.ckpt", "config.json", *TOKENIZER_FILES)
    if ngrams is not None:
        write_ngrams(folder / NGRAMS_FILE, ngrams)
        files = (*files, NGRAMS_FILE)
    if projection is not None:
        shutil.copyfile(projection, folder / VECTOR_FILE)
        files = (*files, VECTOR_FILE)
    write_manifest(folder, {**facts, "labels": list(LABELS)}, files)
