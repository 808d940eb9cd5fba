"""The regression on n-grams, fitted on the project's own texts, and what it weighs beside the encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from training.measuring.metrics import auc
from training.rows.assemble import read_own_texts
from training.rows.dataset import LABELS, Floats, Rows
from training.toxicity import ngrams as training
from training.toxicity.ngrams import combine, train_ngrams
from training.toxicity.readings import add, fit, with_readings
from workers.scoring.ngrams.model import NGrams

TEXTS = Path(__file__).parents[3] / "training" / "texts"
TOXICITY = LABELS.index("toxicity")


@pytest.fixture(scope="module")
def own() -> tuple[Rows, Rows]:
    """To train on, and held out."""
    return read_own_texts(TEXTS)


@pytest.fixture(scope="module")
def ngrams(own: tuple[Rows, Rows]) -> NGrams:
    return train_ngrams(own[0])


def test_it_tells_toxic_from_civil_among_texts_it_has_not_seen(ngrams: NGrams, own: tuple[Rows, Rows]) -> None:
    held_out = own[1]

    logits = ngrams.logits(held_out.texts)[:, ngrams.labels.index("toxicity")]

    found = auc(logits, held_out.labels[:, TOXICITY] >= 0.5)
    assert found is not None
    assert found > 0.75


def test_a_label_with_few_positive_rows_is_left_to_the_encoder(own: tuple[Rows, Rows], ngrams: NGrams) -> None:
    positives = dict(zip(LABELS, (own[0].labels >= 0.5).sum(axis=0), strict=True))

    assert set(ngrams.labels) == {label for label, many in positives.items() if many >= training.ENOUGH}
    assert 0 < len(ngrams.labels) < len(LABELS)


def test_useless_ngrams_get_no_weight_and_decisive_ones_get_all(ngrams: NGrams, own: tuple[Rows, Rows]) -> None:
    held_out, counts = own[1], np.ones(len(own[1]))
    noise = np.random.default_rng(6).normal(size=held_out.labels.shape).astype(np.float32)

    beside_truth, of_truth = combine(_certain(held_out), ngrams, held_out, counts)
    beside_noise, of_noise = combine(noise, ngrams, held_out, counts)

    place = ngrams.labels.index("insult")
    assert np.abs(beside_truth.weights[:, place]).max() < 0.1 * np.abs(ngrams.weights[:, place]).max()
    assert of_truth["insult"].scale > 0.5
    assert np.abs(beside_noise.weights[:, place]).max() > 0.3 * np.abs(ngrams.weights[:, place]).max()
    assert of_noise["insult"].scale < 0.2


def test_for_toxicity_the_ngrams_have_a_share_that_was_chosen(ngrams: NGrams, own: tuple[Rows, Rows]) -> None:
    held_out, counts = own[1], np.ones(len(own[1]))
    unsure = 0.1 * _certain(held_out) + np.random.default_rng(6).normal(size=held_out.labels.shape).astype(np.float32)

    beside, calibrations = combine(unsure, ngrams, held_out, counts)

    strongest = np.abs(beside.weights[:, beside.labels.index("toxicity")]).max()
    before = np.abs(ngrams.weights[:, ngrams.labels.index("toxicity")]).max()
    assert strongest / before == pytest.approx(training.TOXICITY_SHARE * calibrations["toxicity"].scale, rel=1e-3)


def test_a_civil_word_for_a_group_weighs_less_than_its_toxic_rows_alone_would_say() -> None:
    texts = [f"the {word} of town {n}" for n in range(60) for word in ("muslims", "trolls", "muslims")]
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, TOXICITY] = [0.95, 0.95, 0.02] * 60
    rows = Rows(tuple(texts), labels, np.ones_like(labels), ("some",) * len(texts))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "ENOUGH", 10)
        group, other = train_ngrams(rows).logits(["the muslims", "the trolls"])[:, 0]
        patched.setattr(training, "CIVIL_OF_GROUP", 1.0)
        before, _ = train_ngrams(rows).logits(["the muslims", "the trolls"])[:, 0]

    assert group < before - 0.5
    assert group < 0 < other


def test_a_label_that_hardly_any_held_out_row_has_is_left_to_the_encoder(
    ngrams: NGrams, own: tuple[Rows, Rows]
) -> None:
    held_out = own[1]
    labels = held_out.labels.copy()
    labels[:, TOXICITY] = np.nan

    beside, calibrations = combine(
        _certain(held_out),
        ngrams,
        Rows(held_out.texts, labels, held_out.weights, held_out.sources),
        np.ones(len(labels)),
    )

    assert "toxicity" not in beside.labels
    assert "toxicity" not in calibrations
    assert beside.weights.shape == (len(ngrams.rarity), len(beside.labels))


def _certain(rows: Rows) -> Floats:
    """Logits that say of every row what its labels say."""
    certain = np.clip(rows.labels, 0.01, 0.99)
    return np.asarray(np.log(certain / (1 - certain)), dtype=np.float32)


def test_readings_move_the_ngrams_for_toxicity_alone(ngrams: NGrams) -> None:
    texts = [f"the {word} council met on day {n}" for n in range(80) for word in ("snide", "kind")]
    labels = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    labels[:, TOXICITY] = [0.7, 0.1] * 80
    rows = Rows(tuple(texts), labels, np.ones_like(labels), ("panel_x",) * len(texts))

    both = with_readings(ngrams, rows)

    place = ngrams.labels.index("toxicity")
    others = [column for column in range(len(ngrams.labels)) if column != place]
    snide, kind = both.logits(["the snide council", "the kind council"])[:, place]
    before = ngrams.logits(["the snide council", "the kind council"])[:, place]
    assert snide - kind > before[0] - before[1] + 0.5
    assert np.array_equal(both.weights[:, others], ngrams.weights[:, others])


def test_a_soft_label_is_learned_as_the_share_it_is() -> None:
    matrix = csr_matrix(np.ones((4_000, 1), dtype=np.float32))

    weights, bias = fit(matrix, np.full(4_000, 0.3, dtype=np.float32), np.ones(4_000, dtype=np.float32))

    assert 1 / (1 + np.exp(-(weights[0] + bias))) == pytest.approx(0.3, abs=0.05)


def test_readings_are_not_added_twice(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"learned_from_readings": true}', encoding="utf-8")

    with pytest.raises(ValueError, match="before"):
        add(tmp_path, tmp_path)
