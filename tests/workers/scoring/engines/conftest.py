"""Each kind of model that Detoxify's weights have."""

from __future__ import annotations

import pytest

from tests.workers.tiny_checkpoints import ARCHITECTURES, Architecture


@pytest.fixture(params=ARCHITECTURES, ids=lambda a: a.name)
def architecture(request: pytest.FixtureRequest) -> Architecture:
    chosen: Architecture = request.param
    return chosen
