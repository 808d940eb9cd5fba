"""Tiny models of every architecture."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One checkpoint's folder per architecture."""
    from tests.workers.tiny_checkpoints import ARCHITECTURES, write_checkpoint  # they need torch

    root = tmp_path_factory.mktemp("checkpoints")
    return {a.name: write_checkpoint(a, root / a.name) for a in ARCHITECTURES}
