"""Long comments are scored whole, disguised ones undisguised, and each comment gets its own values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from moderation.ground.errors import TooCostly
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from tests.clock import Clock
from workers.scoring.encoder import windowing
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.encoder.windowing import ROOM
from workers.scoring.encoder.windows import cut_by_sentences
from workers.scoring.engines.onnx import OnnxEngine, sigmoid
from workers.scoring.engines.weights import ModelFolders, Weights
from workers.scoring.loading import find_export

LIMIT = 64  # tokens, of the tiny checkpoints
CIVIL = "The council will vote on the new tram line next tuesday. "
INSULT = "You are a stupid idiot!"


@pytest.fixture(scope="module")
def weights(tiny_folders: dict[str, Path], places: ModelFolders) -> Weights:
    return find_export(str(tiny_folders["bert"]), places)


@pytest.fixture(scope="module")
def toxicity(weights: Weights) -> Toxicity:
    return Toxicity(OnnxEngine(weights), weights)


def windows_of(toxicity: Toxicity, text: str) -> list[tuple[int, int]]:
    return [(w.start, w.end) for w in toxicity.windowing.of([text])[0]]


def test_a_text_that_fits_is_one_window(toxicity: Toxicity) -> None:
    assert windows_of(toxicity, CIVIL) == [(0, len(CIVIL))]


@pytest.mark.parametrize(
    "text",
    [
        CIVIL * 30,
        CIVIL * 7 + INSULT + CIVIL * 7,
        "idiot " * 300,
        "no sentence ends here and it goes on " * 40,
        "tram " * 100 + ". " + CIVIL * 3 + "idiot " * 90,
        "line\n" * 200,
        "!" * 500,
        "You. " * 150,
    ],
)
def test_every_word_of_a_long_text_lies_in_a_window_that_fits(toxicity: Toxicity, text: str) -> None:
    windows, encodings = toxicity.windowing.of([text])

    assert len(windows) > 1
    assert max(len(e.ids) for e in encodings) <= LIMIT
    covered = np.zeros(len(text), dtype=bool)
    for window in windows:
        covered[window.start : window.end] = True
    missed = "".join(c for c, seen in zip(text, covered, strict=True) if not seen)
    assert missed.strip() == ""


@pytest.mark.parametrize("fill", ["a", "tram", "7", "a\u0301\u0302", "部长", "!", "\u200b", "tram-", "x\n", "😀"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["start", "middle", "end"])
def test_an_attack_in_twenty_thousand_characters_is_read_or_the_windows_say_that_they_are_a_sample(
    toxicity: Toxicity, fill: str, share: float
) -> None:
    before = int(share * 19_990) // len(fill) * len(fill)
    text = (fill * 20_000)[:before] + " idiot " + (fill * 20_000)[: 19_990 - before]

    windows, encodings = toxicity.windowing.of([text])

    is_sample, is_read = {window.is_sample for window in windows}, any("idiot" in e.tokens for e in encodings)
    assert max(len(e.ids) for e in encodings) <= LIMIT
    assert sum(len(e.ids) for e in encodings) <= ROOM
    assert is_read == any("idiot" in window.text for window in windows)
    assert is_read or (is_sample == {True} and share == 0.5), "the first and the last words are always read"


def test_windows_hold_whole_sentences(toxicity: Toxicity) -> None:
    text = CIVIL * 20

    assert all(text[start:end].endswith("tuesday. ") for start, end in windows_of(toxicity, text))


def test_neighbouring_windows_of_one_long_sentence_overlap(toxicity: Toxicity) -> None:
    found = windows_of(toxicity, "no sentence ends here and it goes on " * 40)

    assert all(second[0] < first[1] for first, second in pairwise(found))


def test_the_last_look_at_the_clock_comes_before_the_encoder(
    toxicity: Toxicity, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(0.0)

    def slow(*_arguments: object) -> Iterator[tuple[int, int]]:
        clock.moment = 0.06
        yield from [(0, 3_000), (3_000, 6_000)]

    monkeypatch.setattr(windowing, "cut_by_sentences", slow)
    text = "tram " * 1_200

    with pytest.raises(TooCostly):
        toxicity.windowing.of([text], {text: Reading(text, Budget(0.05, clock))})


def test_a_long_text_scores_as_its_worst_window(toxicity: Toxicity) -> None:
    text = CIVIL * 12 + INSULT + CIVIL * 12
    parts = [w.text for w in toxicity.windowing.of([text])[0]]

    whole = toxicity.score([text])[0]

    np.testing.assert_allclose(whole, toxicity.probabilities(parts).max(axis=0), atol=0.02)


def test_comments_keep_their_own_values_in_a_batch(toxicity: Toxicity) -> None:
    texts = [CIVIL * 20, INSULT, "x", CIVIL, "id*ot"]

    together = toxicity.score(texts)

    np.testing.assert_allclose(together, [toxicity.score([text])[0] for text in texts], atol=0.03)


@pytest.mark.parametrize("text", ["", " ", "?", "\u200b", "😂", "a"])
def test_nothing_is_too_short_to_score(toxicity: Toxicity, text: str) -> None:
    values = toxicity.score([text])

    assert values.shape == (1, 6)
    assert np.isfinite(values).all()


def test_no_comments_give_no_rows(toxicity: Toxicity) -> None:
    assert toxicity.score([]).shape == (0, 6)


def test_a_disguise_costs_a_second_look_and_takes_the_higher_value(toxicity: Toxicity) -> None:
    plain, disguised = toxicity.score(["You are an idiot", "You are an i d i o t"])

    assert len(toxicity.windowing.of(["You are an i d i o t"])[0]) == 2
    assert (disguised >= plain - 0.02).all()


def test_calibration_of_the_manifest_is_applied_to_its_head_alone(weights: Weights) -> None:
    plain = Toxicity(OnnxEngine(weights), weights)
    calibration = {"threat": {"scale": 0.5, "shift": -1.0}}
    calibrated = Toxicity(
        OnnxEngine(weights), replace(weights, manifest={**weights.manifest, "calibration": calibration})
    )
    threat = plain.signals.index("threat")

    before, after = plain.score([INSULT])[0], calibrated.score([INSULT])[0]

    logit = np.log(before[threat] / (1 - before[threat]))
    assert after[threat] == pytest.approx(float(sigmoid(np.asarray(0.5 * logit - 1.0))), abs=1e-4)
    np.testing.assert_allclose(np.delete(after, threat), np.delete(before, threat), atol=1e-6)


def test_windows_shrink_to_what_the_weights_were_trained_on(weights: Weights) -> None:
    short = replace(weights, manifest={**weights.manifest, "window_tokens": 24})

    _, encodings = Toxicity(OnnxEngine(short), short).windowing.of([CIVIL * 5])

    assert max(len(e.ids) for e in encodings) <= 24


def test_a_cut_never_loses_the_rest_of_a_text(weights: Weights) -> None:
    text = "You are! " + "idiot " * 40 + "And so on. " + "Thanks"
    encoding = OnnxEngine(weights).encode([text])[0]

    pieces = list(cut_by_sentences(text, encoding, 10))

    assert pieces[0][0] == 0
    assert pieces[-1][1] == len(text)
