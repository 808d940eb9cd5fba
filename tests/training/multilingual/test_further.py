"""A further sitting goes on from the bundled weights, and leaves alone what is not its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from training.loop.sitting import Settings
from training.multilingual.base import Encoder, Shape
from training.multilingual.bundle import bundle_further
from training.multilingual.bundled import bundled_centre, read_bundled
from training.multilingual.choose import caught
from training.multilingual.further import Further
from training.multilingual.further_rows import HELD_OUT, held_out
from training.multilingual.train import FINISHED, Classifier, padded
from training.rows.dataset import LABELS, Rows
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, ONNX_FILE, TABLE_FILE, TOKENIZER_FILE, Weights

MODELS = Path(__file__).parents[3] / "models" / "multilingual"
TEXTS = ("Danke für den Bericht!", "이 병신같은 새끼야 꺼져라", "Nowy tramwaj jest drogi, ale pomaga ludziom.")


@pytest.fixture(scope="module")
def bundled() -> Classifier:
    return read_bundled(MODELS).eval()


def test_the_bundled_graph_read_back_gives_its_own_scores(bundled: Classifier) -> None:
    weights = Weights.read("multilingual", MODELS)
    engine = TableEngine(weights)
    encodings = engine.encode(TEXTS)

    found = engine.probabilities(TEXTS, encodings)

    prefix = weights.manifest["prefix"]
    ids = [[*one.ids[:1], *prefix, *one.ids[1:]] for one in encodings]
    with torch.no_grad():
        wanted = sigmoid(np.concatenate([bundled(*padded([own])).numpy() for own in ids]))
    np.testing.assert_allclose(found, wanted, atol=0.1)  # int8 rounds the activations, too
    assert np.ptp(wanted[:, 0]) > 0.7


def test_a_further_sitting_is_written_over_the_graph_and_nothing_else(bundled: Classifier, tmp_path: Path) -> None:
    kept = (TABLE_FILE, TOKENIZER_FILE, NGRAMS_FILE, MANIFEST)
    for name in (*kept, ONNX_FILE):
        shutil.copyfile(MODELS / name, tmp_path / name)
    state = bundled.state_dict()
    changed = {**state, "head.bias": state["head.bias"] + 1}
    torch.save(changed, tmp_path / "model.pt")

    shape = bundle_further(tmp_path / "model.pt", tmp_path)

    moved = read_bundled(tmp_path).state_dict()
    torch.testing.assert_close(moved["head.bias"], state["head.bias"] + 1)
    for name in state:
        torch.testing.assert_close(
            moved[name], moved[name] if name == "head.bias" else state[name], atol=0.01, rtol=0.02
        )
    torch.testing.assert_close(bundled_centre(tmp_path), bundled_centre(MODELS))
    assert all((tmp_path / name).read_bytes() == (MODELS / name).read_bytes() for name in kept)
    manifest = Weights.read("multilingual", MODELS).manifest
    assert shape == {key: manifest[key] for key in shape}


@pytest.fixture
def tokenizer(monkeypatch: pytest.MonkeyPatch) -> Tokenizer:
    """With small batches, so that few rows are many steps."""
    monkeypatch.setattr("training.multilingual.further.BATCH_TOKENS", 128)
    return Tokenizer.from_file(str(MODELS / TOKENIZER_FILE))


def a_sitting(tokenizer: Tokenizer, out: Path, minutes: float = 5.0) -> Further:
    torch.manual_seed(3)
    pieces = tokenizer.get_vocab_size()
    model = Classifier(Encoder(Shape(24, 2, 4, 32, pieces, 160, 1e-12), 2))
    texts = tuple(f"{word} {number}" for number in range(80) for word in ("idiot", "danke"))
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, 0] = [1.0, 0.0] * 80
    rows = Rows(texts * 4, np.tile(labels, (4, 1)), np.ones((4 * len(texts), len(LABELS)), np.float32), ("x",))
    return Further(rows, model, tokenizer, out, Settings(1e-2, minutes))


def test_a_sitting_learns_in_the_layers_after_the_vectors_alone(tokenizer: Tokenizer, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    sitting = a_sitting(tokenizer, tmp_path)
    before = {name: value.clone() for name, value in sitting.model.state_dict().items()}

    sitting.run()

    after = torch.load(tmp_path / FINISHED, weights_only=True)
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert {name.removesuffix(".weight").removesuffix(".bias") for name in changed} > {"head", "encoder.layers.1.v"}
    assert all(name.startswith(("head.", "encoder.layers.1.")) for name in changed)
    ids = [tokenizer.encode(f"query: {word}").ids for word in ("idiot", "danke")]
    with torch.no_grad():
        insult, civil = (float(sitting.model(*padded([own]))[0, 0]) for own in ids)
    assert insult > civil + 1
    assert a_sitting(tokenizer, tmp_path).first == len(sitting.plan)  # run again, it has nothing left to do


def test_rows_that_are_held_out_were_not_in_the_sitting_before() -> None:
    texts = tuple(f"text {number}" for number in range(150_000))
    rows = Rows(
        texts, np.zeros((len(texts), 6), np.float32), np.ones((len(texts), 6), np.float32), ("de/a",) * len(texts)
    )

    found = held_out(rows, 50_000)

    # the third sitting took at most 20,000 rows of a source, so all others were never seen
    assert 0.9 * 130_000 / HELD_OUT < found.sum() < 150_000 / HELD_OUT


@pytest.mark.parametrize(("shift", "share"), [(10.0, 1.0), (-10.0, 0.0)])
def test_what_is_caught_lies_over_the_edge_of_the_worst_source(shift: float, share: float) -> None:
    toxicity = np.asarray([0.0] * 200 + [1.0] * 50, dtype=np.float32)
    labels = np.tile(toxicity[:, None], (1, len(LABELS)))
    rows = Rows(("",) * 250, labels, np.ones_like(labels), ("de/a",) * 100 + ("de/b",) * 150)
    logits = np.random.default_rng(1).normal(size=250).astype(np.float32)
    logits[200:] = 4 + shift
    logits[100:200] += 5  # the civil rows of one source

    assert caught(logits, rows) == share
