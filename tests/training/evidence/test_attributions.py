"""Attributions are learned from texts that are read again without each of their words."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from training.evidence.attributions import CHARS, Sums, fit, make, texts_of, topical
from training.evidence.rationale_words import open_engine
from training.rows.articles import read_articles
from workers.scoring.engines.onnx import Floats
from workers.scoring.engines.weights import ATTRIBUTIONS_FILE, ONNX_FILE, Weights, default_models_dir

STATES, DIMENSIONS = 6, 4


def sums_of(states: Floats, attributions: Floats) -> Sums:
    sums = Sums()
    wide = np.pad(states, ((0, 0), (0, 1)), constant_values=1.0)
    for part in np.array_split(np.arange(len(states)), 3):
        sums.add(wide[part], attributions[part])
    return sums


def test_all_directions_learn_a_linear_map_and_fewer_learn_what_passages_see() -> None:
    random = np.random.default_rng(1)
    states = random.normal(0, 30, (4_000, STATES)).astype(np.float32)
    truth = random.normal(0, 1, (STATES, DIMENSIONS)).astype(np.float32)
    passages = (random.normal(0, 1, (200, 1)) * np.eye(DIMENSIONS)[0]).astype(np.float32)
    passages += random.normal(0, 1e-3, passages.shape).astype(np.float32)
    sums = sums_of(states, states @ truth + 0.5)

    whole, one = (fit(sums, passages, directions=count) for count in (DIMENSIONS, 1))

    expected = states @ truth + 0.5
    np.testing.assert_allclose(whole.of(states) @ whole.directions, expected, atol=0.2)
    np.testing.assert_allclose((one.of(states) @ one.directions)[:, 0], expected[:, 0], atol=0.5)
    assert one.directions.shape == (1, DIMENSIONS)


def test_only_comments_of_the_right_length_are_read() -> None:
    shortest, longest = CHARS

    texts = texts_of(read_articles())

    assert texts and all(shortest <= len(text) <= longest for text in texts)
    assert texts == texts_of(read_articles()) != sorted(texts)


@pytest.mark.parametrize(("text", "expected"), [("The cod is in the harbour", ["cod", "harbour"]), ("it is", [])])
def test_words_without_a_topic_teach_nothing(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in topical(text)] == expected


def test_the_command_adds_attributions_for_each_token_and_changes_no_score(tmp_path: Path) -> None:
    folder = tmp_path / "toxicity"
    shutil.copytree(default_models_dir() / "toxicity", folder)
    before = Weights.read("toxicity", folder)
    texts = ["My phone keeps restarting since the last software update.", "The striker could hardly run."]
    engine = open_engine(before)
    read = engine.read(texts, engine.encode(texts))

    after = make(before, lessons=12)

    assert after.version == before.version and after.space == before.space
    assert after.verified(ATTRIBUTIONS_FILE) and after.verified(ONNX_FILE)
    again = open_engine(after)
    found = again.read(texts, again.encode(texts))
    np.testing.assert_array_equal(found.probabilities, read.probabilities)
    assert found.attributions is not None and [len(own) for own in found.attributions] == [
        len(encoding.ids) for encoding in again.encode(texts)
    ]
