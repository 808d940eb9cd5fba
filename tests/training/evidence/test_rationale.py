"""The head learns what words add, from texts without them and from words alone."""

from __future__ import annotations

import csv
import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.workers.scoring.engines.adding_engine import AMOUNTS as WORDS_ADD
from tests.workers.scoring.engines.adding_engine import AddingEngine
from training.evidence.measure_evidence import measure
from training.evidence.rationale import explained, fit, make
from training.evidence.rationale_teacher import Lesson, Teacher, Text
from training.evidence.rationale_words import Words, open_engine
from training.rows.dataset import LABELS, TRAIN_FILE
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.weights import (
    AMOUNTS,
    HEADS_FILE,
    NGRAMS_FILE,
    OF_ENCODER,
    ONNX_FILE,
    Weights,
    default_models_dir,
    sha256_of,
)
from workers.scoring.evidence.token_marks import TokenMarks
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.toxicity.explainers import explainer_of

STATES = 12


@pytest.fixture
def adding() -> Toxicity:
    return Toxicity(AddingEngine(), Weights("adding", Path("nowhere"), {"files": {}, "weights_sha256": "aa"}))


def lessons(toxicity: Toxicity, *texts: str) -> list[Lesson]:
    teacher = Teacher(toxicity, AddingEngine(), max_tokens=AddingEngine.max_tokens)
    return list(teacher.lessons([Text(text, "en") for text in texts], count=10))


def test_a_lesson_has_what_each_telling_word_adds(adding: Toxicity) -> None:
    text = "The women met the rather stupid liar."

    (lesson,) = lessons(adding, text)

    words = [lesson.text[a:b].lower() for a, b in lesson.words]
    assert words == ["rather", "stupid", "liar"]  # no function words, neutral words or names of groups
    expected = [[WORDS_ADD.get(word, 0.0)] * 2 + [0.0] for word in words]
    np.testing.assert_allclose(lesson.added, expected, atol=0.01)
    np.testing.assert_allclose(lesson.counts, adding.probabilities([lesson.text])[0])


def test_where_n_grams_are_apart_a_lesson_has_the_rest(tmp_path: Path) -> None:
    shutil.copyfile(default_models_dir() / "multilingual" / NGRAMS_FILE, tmp_path / NGRAMS_FILE)
    files = {NGRAMS_FILE: sha256_of(tmp_path / NGRAMS_FILE)}
    weights = Weights("adding", tmp_path, {"files": files, "weights_sha256": "aa", AMOUNTS: OF_ENCODER})
    toxicity = Toxicity(AddingEngine(), weights)

    (lesson,) = lessons(toxicity, "A stupid liar.")

    np.testing.assert_allclose(lesson.added[:, 0], [WORDS_ADD["stupid"], WORDS_ADD["liar"]], atol=0.01)
    assert toxicity.ngrams_added(lesson.text, lesson.words, ["en"])[:, 0].max() > 1


@pytest.mark.parametrize(
    "text", ["It rained all day.", "fool", "stupid fool " * 20], ids=["scores low", "has one word", "is too long"]
)
def test_other_texts_teach_nothing(adding: Toxicity, text: str) -> None:
    assert lessons(adding, text) == []


def some_words(count: int, *, seed: int) -> Words:
    """Words of one to three tokens. A token adds what one of its states says; the states have different scales."""
    random = np.random.default_rng(seed)
    word = np.sort(np.concatenate((np.arange(count), random.integers(0, count, count))))
    states = random.normal(3, np.arange(1, STATES + 1), (len(word), STATES)).astype(np.float32)
    added = np.zeros((count, 2), dtype=np.float32)
    np.add.at(added, word, states[:, :2] * [0.5, -0.2])
    parts = (states, word, added, np.ones_like(added))
    return Words(*map(torch.from_numpy, parts))


def test_a_head_learns_the_amounts_of_tokens_from_those_of_words() -> None:
    head = fit(some_words(4_000, seed=1), (0,), epochs=40)

    assert explained(head, some_words(500, seed=2)) > 0.9
    assert explained(head, some_words(500, seed=2).pick(torch.arange(100, 200))) > 0.9


def test_picked_words_keep_their_own_tokens() -> None:
    words = some_words(50, seed=3)

    picked = words.pick(torch.tensor([7, 3]))

    for place, word in enumerate((7, 3)):
        assert torch.equal(picked.states[picked.word == place], words.states[words.word == word])
        assert torch.equal(picked.added[place], words.added[word])


def test_the_command_adds_a_head_to_weights_and_changes_no_score(tmp_path: Path) -> None:
    folder, data = tmp_path / "toxicity", tmp_path / "data"
    shutil.copytree(default_models_dir() / "toxicity", folder)
    write_rows(data, ["You are a stupid idiot and a liar.", "Shut up, you pathetic clown.", "What a lovely day."])
    before = Weights.read("toxicity", folder)
    asked = [CommentToExplain("I have read your letter, you idiot, and I disagree.", ("toxicity",))]
    scores = Toxicity(open_engine(before), before).score([one.text for one in asked])

    after = make(before, data, lessons=40)

    toxicity = Toxicity(open_engine(after), after)
    assert after.version == before.version
    assert after.verified(HEADS_FILE) and after.verified(ONNX_FILE)
    np.testing.assert_array_equal(toxicity.score([one.text for one in asked]), scores)
    assert isinstance(explainer_of(toxicity), TokenMarks)
    assert toxicity.ngrams_apart
    (found,) = TokenMarks(toxicity).explain(asked)
    assert found["toxicity"]


def write_rows(data: Path, texts: list[str]) -> None:
    data.mkdir()
    with gzip.open(data / TRAIN_FILE, "wt", encoding="utf-8", newline="") as lines:
        rows = csv.DictWriter(lines, ["text", *LABELS, "source", "licence"], restval="0.9")
        rows.writeheader()
        rows.writerows({"text": text, "source": "here", "licence": "none"} for text in texts)


def test_the_measure_sees_how_much_falls_with_the_marks(adding: Toxicity) -> None:
    found = measure(adding, TokenMarks(adding), [CommentToExplain("You fool.", ("toxicity",))], {"toxicity": 0.5})

    assert found.fallen.tolist() == pytest.approx([1.0], abs=1e-3)
    assert (found.words.tolist(), found.released.tolist()) == ([1.0], [1.0])
