"""Models for the workers' tests: tiny ones of every architecture, and the bundled ones that the project ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.tiny_checkpoints import ARCHITECTURES, Architecture, write_checkpoint
from workers.scoring.scorer import Scorer
from workers.scoring.weights import Places, default_models_dir


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One checkpoint's folder per architecture."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {a.name: write_checkpoint(a, root / a.name) for a in ARCHITECTURES}


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(default_models_dir(), tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="session")
def scorer(places: Places) -> Scorer:
    """The bundled models with the default engine."""
    return Scorer.load(cache_dir=places.cache)


@pytest.fixture(params=ARCHITECTURES, ids=lambda a: a.name)
def architecture(request: pytest.FixtureRequest) -> Architecture:
    chosen: Architecture = request.param
    return chosen
