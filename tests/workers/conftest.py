"""The bundled models, for the workers' tests."""

from __future__ import annotations

import pytest

from workers.scoring.engines.weights import Places, default_models_dir
from workers.scoring.scorer import Scorer


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(default_models_dir(), tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="session")
def scorer(places: Places) -> Scorer:
    """The bundled models with the default engine."""
    return Scorer.load(cache_dir=places.cache)
