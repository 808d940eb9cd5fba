"""A newsroom's own weights, and the engine that runs them in PyTorch, beside the bundled ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.scoring.test_scorer import by_name
from tests.workers.tiny_checkpoints import Architecture
from workers.scoring.engines.weights import ModelFolders
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer


def test_own_weights_of_any_architecture_serve(
    architecture: Architecture, tiny_folders: dict[str, Path], places: ModelFolders
) -> None:
    own = Scorer.load(toxicity_model=str(tiny_folders[architecture.name]), cache_dir=places.cache)

    (signals,) = own.score([Scorable("You stupid idiot. " * 30)])

    assert own.models["toxicity"].startswith(f"{architecture.name}@")
    assert by_name(signals)["toxicity"].value is not None
    assert ("sexual_explicit" in by_name(signals)) is (len(architecture.classes) == 16)
    assert "muslim" not in by_name(signals)


def test_the_torch_engine_gives_nearly_the_same(scorer: Scorer, places: ModelFolders) -> None:
    reference = Scorer.load(engine="torch", cache_dir=places.cache)
    texts = ["You are a fucking idiot", "Thank you for the article", "The minister lied again", "x" * 3000, "id*ot"]

    ours, theirs = (s.score([Scorable(text) for text in texts]) for s in (scorer, reference))

    assert reference.models == scorer.models
    for one, other in zip(ours, theirs, strict=True):
        assert by_name(one)["toxicity"].value == pytest.approx(by_name(other)["toxicity"].value, abs=0.1)
