"""A text has the same scores alone and in any company: the scales of the encoders are fixed, not those of a batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.development.capabilities import OTHER_LANGUAGE, capabilities, read_cases
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import ModelFolders, Weights
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

AT_ONCE = 64
TEXTS = 192
SAME = 0.001
ARTICLE = {"title": "New tram line opens", "article_text": "The tram line to the harbour opened on Monday."}


def texts_of(*names: str) -> list[str]:
    """Texts of all lengths and kinds, spread over the development suite."""
    texts = list(dict.fromkeys(case.text for name in names for case in read_cases(name)))
    return [texts[i] for i in np.linspace(0, len(texts) - 1, min(TEXTS, len(texts))).astype(int)]


@pytest.fixture(params=["toxicity", "multilingual"])
def judge_and_texts(request: pytest.FixtureRequest, places: ModelFolders) -> tuple[Toxicity, list[str]]:
    weights = Weights.read(request.param, places.models / request.param)
    is_english = request.param == "toxicity"
    engine: Engine = OnnxEngine(weights) if is_english else TableEngine(weights)
    names = [name for name in capabilities() if (name != OTHER_LANGUAGE) == is_english]
    return Toxicity(engine, weights), texts_of(*names)


@pytest.mark.parametrize("order", ["as they come", "backwards", "at random"])
def test_scores_alone_are_those_in_a_batch(judge_and_texts: tuple[Toxicity, list[str]], order: str) -> None:
    judge, texts = judge_and_texts
    places = {
        "as they come": np.arange(len(texts)),
        "backwards": np.arange(len(texts))[::-1],
        "at random": np.random.default_rng(5).permutation(len(texts)),
    }[order]
    alone = np.concatenate([judge.score([texts[i]]) for i in places])

    together = [judge.score([texts[i] for i in places[at : at + AT_ONCE]]) for at in range(0, len(places), AT_ONCE)]

    np.testing.assert_allclose(np.concatenate(together), alone, atol=SAME)
    assert np.ptp(alone, axis=0).max() > 0.5  # they are different texts


def test_every_signal_of_a_comment_is_the_same_in_company(scorer: Scorer) -> None:
    comments = [
        *(Scorable(text, **ARTICLE) for text in texts_of(*capabilities())[:48]),  # type: ignore[arg-type]
        Scorable("Der Bürgermeister ist ein verdammter Idiot und gehört abgewählt.", language="de"),
        Scorable("Le tram est arrivé en retard ce matin encore, et personne ne nous explique pourquoi.", language="fr"),
    ]
    alone = [scorer.score([one])[0] for one in comments]

    together = scorer.score(comments)

    for before, after in zip(alone, together, strict=True):
        assert [(one.name, one.abstained) for one in before] == [(one.name, one.abstained) for one in after]
        was, now = ([-1.0 if one.value is None else one.value for one in signals] for signals in (before, after))
        np.testing.assert_allclose(was, now, atol=SAME)


def test_no_graph_scales_its_activations_by_the_batch(places: ModelFolders) -> None:
    onnx = pytest.importorskip("onnx")
    graphs = sorted(Path(places.models).glob("*/*.onnx"))

    kinds = {graph.name: {node.op_type for node in onnx.load(graph).graph.node} for graph in graphs}

    assert len(graphs) == 3
    assert not any("DynamicQuantizeLinear" in own for own in kinds.values())
