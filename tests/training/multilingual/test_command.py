"""One command makes the weights for other languages, step by step, and runs no step again whose result it finds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from tests.training.tiny_base import write_base, write_data
from training.multilingual.__main__ import main
from training.multilingual.second import TEXTS
from training.multilingual.topics.relevance import ARTICLES
from training.multilingual.topics.subjects import HEADLINES, TRANSLATIONS
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import (
    HEADS_FILE,
    MANIFEST,
    NGRAMS_FILE,
    ONNX_FILE,
    TABLE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    Weights,
)

MODELS = Path(__file__).parents[3] / "models"
STEPS = (
    *("first", "second", "third", "bundled", "fourth", "comparison", "fifth", "reference"),
    *("ngrams", "calibrated", "marking", "topics", "judging", "finished"),
)


def first_lines(source: Path, target: Path, names: tuple[str, ...], count: int) -> Path:
    target.mkdir()
    for name in names:
        lines = (source / name).read_text(encoding="utf-8").splitlines()[:count]
        (target / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


@pytest.fixture
def few_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the project's own texts, and fewer lessons and pairs, so that the steps take seconds."""
    own = first_lines(TEXTS, tmp_path / "own", ("de.jsonl", "pl.jsonl"), 60)
    english = first_lines(TEXTS.parents[1] / "texts", tmp_path / "english", ("plain_a.jsonl",), 60)
    civil = tmp_path / "civil"
    civil.mkdir()
    for name in ("training.multilingual.second.TEXTS", "training.multilingual.bundle.TEXTS"):
        monkeypatch.setattr(name, own)
    monkeypatch.setattr("training.multilingual.abuse.kinds.TEXTS", own)
    for module in ("rows", "further_rows", "abuse.kinds"):
        monkeypatch.setattr(f"training.multilingual.{module}.OWN_TEXTS", english)
        monkeypatch.setattr(f"training.multilingual.{module}.CIVIL_TEXTS", civil)
    for name, source, count in (
        ("relevance.ARTICLES", ARTICLES, 6),
        ("subjects.HEADLINES", HEADLINES, 120),
        ("subjects.TRANSLATIONS", TRANSLATIONS, 400),
    ):
        some = first_lines(source, tmp_path / source.name, ("de.jsonl",), count)
        monkeypatch.setattr(f"training.multilingual.topics.{name}", some)
    for name, count in {
        "training.multilingual.further_rows.THIRD_REPLAYED": 11_000,
        "training.multilingual.topics.relevance.OTHERS": 1,
        "training.relevance.calibrate.FITTED_COMMENTS": 20,
        "training.relevance.calibrate.MEASURED_COMMENTS": 20,
        "training.publishing.fix_scales.MOST": 32,
        "training.multilingual.ngrams.FEWEST_ROWS": 100,
        "training.multilingual.__main__.LESSONS": 12,
    }.items():
        monkeypatch.setattr(name, count)


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    tokenizer = MODELS / "multilingual" / TOKENIZER_FILE
    base = write_base(tmp_path / "base.bin", Tokenizer.from_file(str(tokenizer)).get_vocab_size())
    options = {
        "--work": tmp_path / "work",
        "--out": tmp_path / "out",
        "--beside": MODELS,
        "--base": base,
        "--tokenizer": tokenizer,
        "--minutes": 0.01,
    }
    return [str(write_data(tmp_path / "data")), *(str(part) for pair in options.items() for part in pair)]


def steps_told(told: str) -> list[tuple[str, str]]:
    lines = (line.split(": ") for line in told.splitlines())
    return [(line[0], line[1]) for line in lines if line[0] in STEPS]


@pytest.mark.usefixtures("few_texts")
def test_one_command_makes_weights_and_runs_no_finished_step_again(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(given)

    assert steps_told(capsys.readouterr().out) == [(step, "begins") for step in STEPS]
    folder = tmp_path / "out" / "multilingual"
    weights = Weights.read("multilingual", folder)
    files = {ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, NGRAMS_FILE, HEADS_FILE, TOPICS_FILE}
    assert set(weights.manifest["files"]) == files == {one.name for one in folder.iterdir()} - {MANIFEST}
    assert all(weights.verified(file) for file in files)
    assert weights.manifest["ngrams_languages"] == ["de", "pl"]
    assert set(weights.manifest["standings"].values()) == {"advises"}
    assert weights.manifest["relevance"]["dimensions"] == weights.manifest["hidden"]
    judge = Toxicity(TableEngine(weights), weights)
    texts = ("du dummer Idiot", "danke schön")
    judge.score(texts)
    insult, thanks = (judge.logits_in(text, "de")[0] for text in texts)
    assert insult > thanks
    assert "further  de " in (tmp_path / "work" / "comparison" / "comparison.txt").read_text(encoding="utf-8")
    assert "| de | source |" in (tmp_path / "work" / "calibrated" / "report.md").read_text(encoding="utf-8")

    for path in (tmp_path / "data").rglob("*.gz"):
        path.write_bytes(b"")  # no step can read its data again
    shutil.rmtree(tmp_path / "work" / "finished")
    shutil.rmtree(folder)
    main(given)

    assert steps_told(capsys.readouterr().out) == [
        *((step, "finished before") for step in STEPS[:-1]),
        ("finished", "begins"),
    ]
    assert Weights.read("multilingual", folder).manifest == weights.manifest


def test_a_missing_file_is_named_before_anything_is_trained(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = tmp_path / "data" / "multilingual" / "toxicity_valid.csv.gz"
    lost.unlink()

    with pytest.raises(SystemExit):
        main(given)

    assert capsys.readouterr().err.endswith(f"no such file: {lost}\n")
    assert not (tmp_path / "work").exists()
