"""The model of n-grams beside the encoder: its features, its file, and what it adds to the scores."""

from __future__ import annotations

import shutil
import tracemalloc
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]

from moderation.ground.errors import ModelUnavailable
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import NGRAMS_FILE, ModelFolders, Weights
from workers.scoring.loading import find_export
from workers.scoring.ngrams.model import NGrams, features, features_of, read_ngrams, spelled_out, weighted, write_ngrams

BUCKETS = 1 << 18
UNSHARED = 1 << 44  # so many that no two n-grams of a text share one
TEXTS = (
    "You are an idiot, and an IDIOT again",
    "  Thanks!\n\nThe town   council met. ",
    "naïve façade – 100 % “quoted” \U0001f602\U0001f602",
    "a",
    "",
    "\ud800 lone surrogate",
)


@pytest.fixture(scope="module")
def weights(places: ModelFolders) -> Weights:
    return find_export("bundled", places)


@pytest.fixture(scope="module")
def ngrams(weights: Weights) -> NGrams:
    return read_ngrams(weights.verified(NGRAMS_FILE))


@pytest.mark.parametrize("text", TEXTS)
def test_features_are_the_n_grams_that_scikit_learn_finds(text: str) -> None:
    _, counts = features(text, UNSHARED)

    expected = 1 + np.log(_counted_by_scikit_learn(text))
    assert Counter(counts.astype(np.float64).round(4).tolist()) == Counter(expected.round(4).tolist())


def test_case_and_spacing_make_no_difference() -> None:
    one, other = (features(text, BUCKETS)[0] for text in ("What  a\tSHAME\n", "what a shame"))

    assert one.tolist() == other.tolist()


def test_buckets_lie_within_the_size() -> None:
    for size in (2, 1 << 10, BUCKETS):
        buckets, _ = features(TEXTS[0], size)
        assert 0 <= buckets.min() <= buckets.max() < size


def test_a_text_counts_the_same_however_long_it_is(ngrams: NGrams) -> None:
    for text in TEXTS[:4]:
        values = weighted(*features(text, BUCKETS), ngrams.rarity)
        assert float(np.square(values).sum()) == pytest.approx(1, abs=1e-5)


def test_nothing_to_read_gives_the_bias(ngrams: NGrams) -> None:
    np.testing.assert_array_equal(ngrams.logits(["", " \n"]), np.stack([ngrams.bias, ngrams.bias]))
    assert ngrams.logits([]).shape == (0, len(ngrams.labels))


def test_the_file_keeps_what_was_written_to_a_hundredth(ngrams: NGrams, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    weights = random.normal(size=ngrams.weights.shape).astype(np.float32)
    written = NGrams(ngrams.labels, ngrams.rarity, weights, np.full(len(ngrams.labels), 0.25, dtype=np.float32))

    write_ngrams(tmp_path / NGRAMS_FILE, written)
    read = read_ngrams(tmp_path / NGRAMS_FILE)

    assert read.labels == written.labels
    np.testing.assert_allclose(read.weights, written.weights, atol=np.abs(weights).max() / 250)
    np.testing.assert_allclose(read.logits(TEXTS), written.logits(TEXTS), atol=0.2)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_rows_of_a_file_lie_one_after_another(ngrams: NGrams, tmp_path: Path, order: Literal["C", "F"]) -> None:
    in_order = np.asarray(ngrams.weights[:8], order=order)
    write_ngrams(tmp_path / NGRAMS_FILE, NGrams(ngrams.labels, ngrams.rarity[:8], in_order, ngrams.bias))

    read = read_ngrams(tmp_path / NGRAMS_FILE)

    assert read.weights.flags.c_contiguous


def test_korean_syllables_are_spelled_out_and_nothing_else_is() -> None:
    assert spelled_out("가각 é 힣 abc") == "\u1100\u1161\u1100\u1161\u11a8 é \u1112\u1175\u11c2 abc"
    assert len(spelled_out("힣" * 1_000)) == 3_000
    assert spelled_out("") == ""


def test_n_grams_of_letters_read_a_syllable_as_its_letters(ngrams: NGrams, tmp_path: Path) -> None:
    syllables = "꺼져라 정말"
    letters = unicodedata.normalize("NFD", syllables)
    write_ngrams(tmp_path / NGRAMS_FILE, replace(ngrams, spelled_out=True))

    of_letters = read_ngrams(tmp_path / NGRAMS_FILE)

    assert of_letters.spelled_out and not ngrams.spelled_out
    np.testing.assert_array_equal(*of_letters.logits([syllables, letters]))
    np.testing.assert_array_equal(of_letters.vector(syllables)[0], of_letters.vector(letters)[0])
    assert set(ngrams.vector(syllables)[0]) != set(ngrams.vector(letters)[0])


def test_they_tell_an_insult_from_thanks_by_themselves(ngrams: NGrams) -> None:
    toxicity = ngrams.labels.index("toxicity")

    insult, thanks = ngrams.logits(["You are a pathetic idiot.", "Thank you for this article."])[:, toxicity]

    assert insult > thanks + 0.5


def test_the_scores_are_the_encoders_and_theirs_together(weights: Weights, ngrams: NGrams) -> None:
    engine, text = OnnxEngine(weights), "You are a pathetic idiot."
    toxicity = Toxicity(engine, weights)

    [score] = toxicity.score([text])

    [raw] = engine.probabilities([text], engine.encode([text]))
    for label, added in zip(ngrams.labels, ngrams.logits([text])[0], strict=True):
        calibration, p = weights.calibration(label), raw[engine.labels.index(label)]
        expected = calibration.scale * np.log(p / (1 - p)) + calibration.shift + added
        found = score[toxicity.signals.index(label)]
        assert np.log(found / (1 - found)) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_a_stretch_adds_what_is_lost_without_it_and_what_it_has_alone(ngrams: NGrams) -> None:
    text = "You stupid man, thank you."
    places = [(4, 10), (16, 21)]

    added = ngrams.added_by(text, places)

    empty, whole, without, alone = ngrams.logits(["", text, "You  man, thank you.", "stupid"])
    np.testing.assert_allclose(added[0], (whole - without + alone - empty) / 2, rtol=1e-5)
    column = ngrams.labels.index("toxicity")
    assert added[0, column] > 1 > added[1, column]
    assert ngrams.added_by(text, []).shape == (0, len(ngrams.labels))


def test_weights_without_the_file_that_their_manifest_lists_are_refused(weights: Weights, tmp_path: Path) -> None:
    folder = tmp_path / "toxicity"
    shutil.copytree(weights.folder, folder)
    (folder / NGRAMS_FILE).write_bytes(b"")
    changed = Weights.read("changed", folder)

    with pytest.raises(ModelUnavailable, match=NGRAMS_FILE):
        Toxicity(OnnxEngine(weights), changed)


def _counted_by_scikit_learn(text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = []
    for kind in ({"analyzer": "char_wb", "ngram_range": (2, 5)}, {"ngram_range": (1, 2)}):
        try:
            found.append(CountVectorizer(**kind).fit_transform([text]).toarray()[0])
        except ValueError:  # it has none
            continue
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def test_many_texts_together_have_the_n_grams_of_each_alone() -> None:
    texts = ["", "a", "What a shame", "shame", "  A  b  ", "\ud800 broken", "😀 é"]

    together = features_of(texts, BUCKETS)

    for text, (buckets, counts) in zip(texts, together, strict=True):
        alone = features(text, BUCKETS)
        np.testing.assert_array_equal(buckets, alone[0])
        np.testing.assert_array_equal(counts, alone[1])
    assert len(together[0][0]) == 0
    assert features_of([], BUCKETS) == []


def test_many_long_texts_need_no_more_memory_than_one(ngrams: NGrams) -> None:
    texts = [f"{place} " + " ".join(map(str, range(10**6 + place, 10**6 + place + 2_500))) for place in range(8)]
    texts.insert(4, "short")

    def peak(some: list[str]) -> int:
        tracemalloc.start()
        try:
            ngrams.logits(some)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(texts) < 2 * peak(texts[:1])
    np.testing.assert_allclose(
        ngrams.logits(texts), np.concatenate([ngrams.logits([text]) for text in texts]), rtol=1e-5
    )
