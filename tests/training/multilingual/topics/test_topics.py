"""The encoder of topics learns from headlines and their comments, and is written as the workers run it."""

from __future__ import annotations

import csv
import gzip
import json
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from moderation.judging.text.language_names import language_name
from training.loop.sitting import RESUME, Settings
from training.multilingual.base import Encoder, Shape
from training.multilingual.bundle import export_of_words
from training.multilingual.topics.publish import OfWords
from training.multilingual.topics.relevance import read_sets
from training.multilingual.topics.subjects import (
    HEADLINES,
    KOREAN,
    PAIRS,
    RUN,
    TRANSLATIONS,
    Batch,
    Drawer,
    Subject,
    across_languages,
    of_one_language,
    read_headlines,
    read_translations,
)
from training.multilingual.topics.train import FINISHED, Reader, Topical, Topics
from training.rows.articles import read_articles as read_english
from workers.scoring.engines.onnx import VECTOR
from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.engines.weights import Weights
from workers.scoring.export.outliers import split_outliers
from workers.scoring.relevance.topic_vectors import STATES

BUNDLED = HEADLINES.parents[2] / "models" / "multilingual"
WORDS = ("tram", "bread", "snow", "court", "piano", "cattle", "budget", "ferry")


def subjects(count: int) -> list[Subject]:
    return [
        Subject(f"title {i}", (f"comment {i} a", f"comment {i} b"), f"standfirst {i}", f"english {i}")
        for i in range(count)
    ]


def numbers(texts: tuple[str, ...]) -> list[int]:
    return [int(text.split()[1]) for text in texts]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def test_each_comment_stands_beside_its_own_subject_and_none_twice(random: np.random.Generator) -> None:
    drawn = [of_one_language(subjects(90), random) for _ in range(60)]

    assert all(numbers(one.comments) == numbers(one.subjects) for one in drawn)
    assert all(len(set(one.subjects)) == PAIRS for one in drawn)
    beside = [text for one in drawn for text in one.subjects]
    assert {text.split()[0] for text in beside} == {"title", "standfirst"}
    both = sum("title" in text and "standfirst" in text for text in beside)
    assert 0.1 < both / len(beside) < 0.2


def test_every_other_batch_has_neighbours(random: np.random.Generator) -> None:
    drawn = [numbers(of_one_language(subjects(400), random).subjects) for _ in range(60)]

    runs = [sum(b == a + 1 for a, b in pairwise(one)) >= PAIRS - PAIRS // RUN - 1 for one in drawn]
    assert 20 <= sum(runs) <= 40


def test_across_languages_the_subjects_are_in_english_and_distinct(random: np.random.Generator) -> None:
    found = across_languages([subjects(60), subjects(90)], random)

    assert len(found.comments) == len(set(found.subjects)) == PAIRS
    assert all(text.startswith("english") for text in found.subjects)
    assert numbers(found.comments) == numbers(found.subjects)


def test_headlines_are_held_out_by_their_titles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [
        {"section": "S", "title": f"t {i}", "title_en": f"e {i}", "summary": "s", "comments": ["a", "b"]}
        for i in range(200)
    ]
    (tmp_path / "de.jsonl").write_text("\n".join(map(json.dumps, records)))
    monkeypatch.setattr("training.multilingual.topics.subjects.HEADLINES", tmp_path)

    kept, learned = (read_headlines(held_out=one)["de"] for one in (True, False))

    assert {one.title for one in kept} | {one.title for one in learned} == {f"t {i}" for i in range(200)}
    assert 5 <= len(kept) <= 40
    assert len(kept) + len(learned) == 200
    assert kept[0].article.paper == kept[0].article.section == "S"


@pytest.mark.parametrize("path", sorted(HEADLINES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_headlines_of_a_language_are_no_articles_that_measure(path: Path) -> None:
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert len(records) >= 250
    assert len({one["title"] for one in records}) == len(records)
    assert all(len(one["comments"]) >= 4 and one["summary"] and one["title_en"] for one in records)
    own = read_sets()[path.stem].articles
    assert not {one["title"] for one in records} & {one.title for one in own}
    comments = {text for one in records for text in one["comments"]}
    assert not comments & {text for one in own for text in one.comments}


def test_translations_are_of_english_articles_that_may_teach() -> None:
    found, kept = (read_translations(held_out=one) for one in (False, True))

    assert len(found) == len(kept) == len(list(TRANSLATIONS.glob("*.jsonl"))) == 11
    assert all(len(own) > 140 and all(len(one.comments) == 3 for one in own) for own in found.values())
    held_out = {one.title for one in read_english() if one.held_out}
    assert all(one.english_title in held_out for own in kept.values() for one in own)
    assert not any(one.english_title in held_out for own in found.values() for one in own)


def test_korean_comments_of_the_test_rows_are_never_drawn(tmp_path: Path, random: np.random.Generator) -> None:
    (tmp_path / KOREAN).parent.mkdir()
    with gzip.open(tmp_path / KOREAN, "wt", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, ["article_title", "comment", "split"])
        lines.writeheader()
        for i in range(60):
            for split in ("train", "test"):
                lines.writerow({"article_title": f"korean {i}", "comment": f"{split} {i}", "split": split})
    drawer = Drawer(tmp_path)

    drawn = [drawer.draw(random) for _ in range(200)]

    korean = [one for one in drawn if one.subjects[0].startswith("korean")]
    assert korean
    assert all(text.startswith("train") for one in korean for text in one.comments)


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    pieces = {"[UNK]": 0, "<pad>": 1, "query:": 2, "<s>": 3, **{word: 4 + i for i, word in enumerate(WORDS)}}
    own = Tokenizer(models.WordLevel(pieces, "[UNK]"))
    own.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    own.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 3)])
    own.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


class AWordEach:
    """Comments of one word beside a headline of another: which belong together has to be learned."""

    def draw(self, random: np.random.Generator) -> Batch:
        order = random.permutation(len(WORDS) // 2)
        return Batch(tuple(WORDS[2 * i] for i in order), tuple(WORDS[2 * i + 1] for i in order))


def a_model() -> Topics:
    torch.manual_seed(3)
    return Topics(Encoder(Shape(64, 3, 4, 128, 4 + len(WORDS), 32, 1e-12), 3), frozen=1)


def test_training_brings_together_what_belongs_together_and_leaves_the_first_layers(
    tokenizer: Path, tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    reader = Reader(a_model(), tokenizer)
    before = {name: value.clone() for name, value in reader.model.state_dict().items()}

    Topical(reader, AWordEach(), tmp_path, Settings(4e-4), steps=150).run()

    after = torch.load(tmp_path / FINISHED, weights_only=True)
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed
    assert all(name.startswith(("encoder.layers.1.", "encoder.layers.2.")) for name in changed)
    with torch.no_grad():
        vectors = reader.vectors(list(WORDS))
    alike = vectors[::2] @ vectors[1::2].T
    assert alike.argmax(dim=1).tolist() == list(range(len(WORDS) // 2))
    assert Topical(Reader(a_model(), tokenizer), AWordEach(), tmp_path, Settings(1e-3), steps=151).first == 150
    assert (tmp_path / RESUME).exists()


def test_the_graph_gives_the_vectors_of_the_encoder(tokenizer: Path, tmp_path: Path) -> None:
    model = a_model().eval()
    words, mask = torch.randn(3, 7, 64), torch.tensor([[1] * 7, [1] * 4 + [0] * 3, [1] + [0] * 6])
    feeds = [{"words": words[:1].numpy(), "attention_mask": mask[:1].numpy()}]

    path = tmp_path / "topics.onnx"
    export_of_words(OfWords(model).eval(), 64, (VECTOR, STATES), path, partial(split_outliers, feeds=feeds))

    session = onnxruntime.InferenceSession(str(path))
    found, states = session.run([VECTOR, STATES], {"words": words.numpy(), "attention_mask": mask.numpy()})
    with torch.no_grad():
        wanted = model(model.begun_of(words, mask.bool()), mask.bool()).numpy()
    assert ((found * wanted).sum(axis=1) > 0.99).all()
    assert (wanted[0] * wanted[1]).sum() < 0.97
    mean = states[1, :4].mean(axis=0)
    np.testing.assert_allclose(found[1], mean / np.linalg.norm(mean), atol=1e-4)
    reader = Reader(model, tokenizer)
    together = reader.vectors(["tram bread snow", "court"]).detach()
    torch.testing.assert_close(together[1], reader.vectors(["court"])[0].detach(), atol=0.02, rtol=0.02)


def test_the_languages_of_the_manifest_are_those_that_card_and_docs_name() -> None:
    root = HEADLINES.parents[2]
    relevance = Weights.read("multilingual", BUNDLED).manifest["relevance"]

    names = sorted(map(language_name, relevance["languages"]))
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    assert f"Judged: {listed}." in (root / "models/multilingual/README.md").read_text(encoding="utf-8")
    assert f"Outside English, relevance judges {listed};" in (root / "docs/models.md").read_text(encoding="utf-8")
    assert set(relevance["calibration_by_language"]) == set(relevance["languages"])
    assert set(relevance["with_english"]) <= set(relevance["languages"])
