"""The vectors that the bundled encoder gives beside its scores, as relevance compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tokenizers import Encoding

from moderation.ground.errors import ModelUnavailable
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import EngineReading, OnnxEngine
from workers.scoring.engines.weights import Weights, default_models_dir
from workers.scoring.relevance.encoder_vectors import EncoderVectors
from workers.scoring.vectors import unit

TRAMS = "A second tram line would take half of the cars off the bridge, and the shops would gain from it."
TRAMWAY = "More trams and fewer cars in the town centre, that is what the traders want."
OVEN = "Preheat the oven, whisk the eggs and fold in the flour very gently."


class CountingEngine(OnnxEngine):
    """The bundled engine; it counts the texts that it reads."""

    texts = 0

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        self.texts += len(texts)
        return super().read(texts, encodings)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights.read("bundled", default_models_dir() / "toxicity")


@pytest.fixture
def engine(weights: Weights) -> CountingEngine:
    return CountingEngine(weights)


@pytest.fixture
def toxicity(engine: CountingEngine, weights: Weights) -> Toxicity:
    return Toxicity(engine, weights)


@pytest.fixture
def source(toxicity: Toxicity, engine: CountingEngine, weights: Weights) -> EncoderVectors:
    return EncoderVectors(toxicity, engine, weights)


def test_a_comment_that_was_scored_is_not_read_again(
    source: EncoderVectors, toxicity: Toxicity, engine: CountingEngine
) -> None:
    toxicity.score([TRAMS, OVEN])
    before = engine.texts

    vectors = source.vectors([TRAMS, TRAMWAY, OVEN, TRAMS])

    assert engine.texts == before + 1
    assert vectors[0] == pytest.approx(vectors[3])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_texts_on_one_subject_are_nearer_than_others(source: EncoderVectors) -> None:
    trams, tramway, oven = source.vectors([TRAMS, TRAMWAY, OVEN])

    assert trams @ tramway > trams @ oven + 0.2


def test_a_text_longer_than_a_window_is_read_to_its_end(source: EncoderVectors, engine: CountingEngine) -> None:
    long = " ".join([TRAMS] * 12 + [OVEN] * 12)

    whole, trams, oven = source.vectors([long, TRAMS, OVEN])

    assert engine.texts > 3
    assert min(whole @ trams, whole @ oven) > trams @ oven + 0.1


def test_no_texts_have_no_vectors(source: EncoderVectors, weights: Weights) -> None:
    assert source.vectors([]).shape[0] == 0


def test_the_export_gives_the_vectors_of_the_checkpoint(weights: Weights, engine: CountingEngine) -> None:
    import torch

    from workers.scoring.engines.torch_engine import load_detoxify
    from workers.scoring.engines.weights import VECTOR_FILE
    from workers.scoring.export.with_vector import with_projection

    detoxify = load_detoxify("bundled", weights)
    reference = with_projection(detoxify.model, weights.verified(VECTOR_FILE))
    encodings = engine.encode([TRAMS, OVEN])

    given = engine.read([TRAMS, OVEN], encodings).vectors

    assert given is not None
    for encoding, vector in zip(encodings, unit(given), strict=True):
        ids = torch.tensor([encoding.ids])
        with torch.inference_mode():
            own = reference(ids, torch.ones_like(ids))[1][0].numpy()
        assert float(own @ vector) > 0.97


def test_weights_with_vectors_and_without_their_calibration_are_refused(
    toxicity: Toxicity, engine: CountingEngine, weights: Weights
) -> None:
    manifest = {name: value for name, value in weights.manifest.items() if name != "relevance"}

    with pytest.raises(ModelUnavailable, match="bundled give vectors, but their manifest has no 'relevance'"):
        EncoderVectors(toxicity, engine, replace(weights, manifest=manifest))
