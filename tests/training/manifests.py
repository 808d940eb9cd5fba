"""Compares a bundle of weights with its manifest."""

from __future__ import annotations

import json
from pathlib import Path

from training.publishing.bundle import MANIFEST, sha256_of


def mismatches(folder: Path) -> tuple[str, ...]:
    """Names of files that are missing or do not have the sha256 that the manifest gives them."""
    files: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    return tuple(
        name for name, expected in files.items() if not (folder / name).exists() or sha256_of(folder / name) != expected
    )
