"""Tiny models of every architecture. They need torch, which the tests of other rooms do without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.tiny_checkpoints import ARCHITECTURES, Architecture, write_checkpoint


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One checkpoint's folder per architecture."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {a.name: write_checkpoint(a, root / a.name) for a in ARCHITECTURES}


@pytest.fixture(params=ARCHITECTURES, ids=lambda a: a.name)
def architecture(request: pytest.FixtureRequest) -> Architecture:
    chosen: Architecture = request.param
    return chosen
