"""How the encoder of other languages is bundled, calibrated and measured, on small random data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from moderation.judging.signals.language import LanguageStanding
from training.multilingual.base import Encoder, Shape
from training.multilingual.bundle import centre_of, write_graph
from training.multilingual.measuring.calibrate import ALL, HELD, calibrated, calibrations, crossed
from training.multilingual.measuring.evaluate import by_language, table
from training.multilingual.measuring.measure import MOST_HELD, measure, standings
from training.multilingual.measuring.scored import Mask, Scored
from training.multilingual.train import Classifier
from training.rows.dataset import LABELS, Floats
from workers.scoring.engines.onnx import logit
from workers.scoring.engines.onnx_runtime import onnxruntime
from workers.scoring.engines.table_engine import OUTPUTS

LIMITS = {"toxicity": 0.81, "severe_toxicity": 0.44, "obscene": 0.99, "threat": 0.56, "insult": 0.82,
          "identity_attack": 0.65}  # fmt: skip


def rows(language: str, *, count: int = 4_000, apart: float = 4.0, shift: float = 0.0, seed: int = 5) -> Scored:
    """Half of the rows are toxic; their logits of toxicity lie ``apart`` from those of the civil ones."""
    random = np.random.default_rng(seed)
    toxic = random.random(count) < 0.5
    logits = random.normal(-3.0, 1.0, (count, len(LABELS)))
    logits[:, 0] = random.normal(shift, 1.0, count) + apart * toxic
    return Scored(
        np.asarray([language] * count), np.asarray(["source"] * count), toxic.astype(np.float32),
        logits.astype(np.float32), random.random(count) < 0.5, np.zeros(count, dtype=np.bool_),
    )  # fmt: skip


def both(one: Scored, other: Scored) -> Scored:
    names = ("languages", "sources", "toxicity", "logits", "first_half", "ruled")
    return Scored(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))


def held(scored: Scored) -> float:
    edges = logit(np.asarray([LIMITS[label] for label in LABELS], dtype=np.float32))
    return float((scored.logits[scored.civil] >= edges).any(axis=1).mean())


@pytest.mark.parametrize("shift", [-3.0, 0.0, 6.0])
def test_wherever_a_language_scores_the_default_limits_hold_the_same_share_of_civil_rows(shift: float) -> None:
    scored = rows("de", shift=shift)

    fitted = replace(scored, logits=calibrated(scored, calibrations(scored, LIMITS)))

    assert 0.8 * HELD <= held(fitted) <= HELD


def test_the_worst_source_of_a_language_sets_its_calibration() -> None:
    civil, heated = rows("de"), rows("de", shift=1.5, seed=6)
    scored = both(civil, replace(heated, sources=np.asarray(["heated"] * len(heated.sources))))

    fitted = replace(scored, logits=calibrated(scored, calibrations(scored, LIMITS)))

    assert held(fitted.where(fitted.sources == "heated")) <= HELD
    assert held(fitted.where(fitted.sources == "source")) < HELD / 2


def test_threats_may_rise_until_they_hold_their_share_and_other_labels_only_fall() -> None:
    fitted = calibrations(rows("de"), LIMITS)["de"]

    assert fitted["threat"].shift > 0
    assert fitted["insult"].shift <= 0


def test_what_rules_hold_is_part_of_the_share() -> None:
    scored = rows("de")
    ruled = scored.civil & (np.arange(len(scored.toxicity)) % 100 == 0)

    fitted = replace(scored, logits=calibrated(scored, calibrations(replace(scored, ruled=ruled), LIMITS)))

    assert held(fitted) + ruled[scored.civil].mean() <= HELD + 0.001
    assert 0 < held(fitted) < 0.7 * HELD


def test_a_language_with_few_rows_gets_the_calibration_of_all() -> None:
    scored = both(rows("de"), rows("da", count=40))

    found = calibrations(scored, LIMITS)

    assert set(found) == {ALL, "de"}
    some = scored.of("da")
    np.testing.assert_array_equal(calibrated(some, found), calibrated(some, {ALL: found[ALL]}))


def test_no_row_is_calibrated_by_its_own_half() -> None:
    scored = rows("de")
    moved = scored.logits.copy()
    moved[scored.first_half, 0] += 5

    before, after = crossed(scored, LIMITS), crossed(replace(scored, logits=moved), LIMITS)

    first = scored.first_half
    np.testing.assert_allclose(after[first, 0] - before[first, 0], 5 * _slope(before, scored, first), rtol=1e-3)
    assert np.all(after[~first, 0] < before[~first, 0])


def _slope(logits: Floats, scored: Scored, mask: Mask) -> float:
    """The scale that the calibration of the other half has."""
    x, y = scored.logits[mask, 0], logits[mask, 0]
    return float((y[1] - y[0]) / (x[1] - x[0]))


def in_sources(scored: Scored, *names: str) -> Scored:
    """The rows, divided among sources of these names."""
    return replace(scored, sources=np.asarray(names)[np.arange(len(scored.sources)) % len(names)])


def test_a_language_decides_if_it_holds_little_and_catches_much_of_two_sources() -> None:
    scored = both(both(rows("de"), rows("fr", apart=0.5)), rows("da", count=300))
    scored = in_sources(scored, "germeval2018", "another")

    valid = replace(scored, logits=crossed(scored, LIMITS))

    assert standings(valid, ["de", "fr", "da", "it"], LIMITS) == {
        "da": LanguageStanding.ADVISES,
        "de": LanguageStanding.DECIDES,
        "fr": LanguageStanding.ADVISES,
        "it": LanguageStanding.ADVISES,
    }
    found = measure(valid.of("de"), LIMITS)
    assert found.held is not None and found.caught is not None
    assert found.held <= MOST_HELD and found.caught > 0.9


@pytest.mark.parametrize(
    "sources", [("another",), ("germeval2018", "cold")], ids=["one alone", "none but those learnt"]
)
def test_a_language_decides_only_with_a_second_source_that_nothing_was_learnt_from(sources: tuple[str, ...]) -> None:
    scored = in_sources(rows("de"), *sources)

    valid = replace(scored, logits=crossed(scored, LIMITS))

    assert standings(valid, ["de"], LIMITS) == {"de": LanguageStanding.ADVISES}


def test_a_source_that_is_held_too_often_keeps_its_language_from_deciding() -> None:
    scored = in_sources(rows("de"), "germeval2018", "another")
    valid = replace(scored, logits=crossed(scored, LIMITS))
    assert standings(valid, ["de"], LIMITS) == {"de": LanguageStanding.DECIDES}
    heated = valid.where(valid.civil)
    heated = replace(heated, sources=np.asarray(["heated"] * len(heated.sources)))
    some = heated.where(np.arange(len(heated.sources)) < 320)
    some.logits[:13, 0] = 9.0

    assert standings(both(valid, some), ["de"], LIMITS) == {"de": LanguageStanding.ADVISES}


def test_the_int8_graph_gives_what_the_layers_give(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = Classifier(Encoder(Shape(64, 2, 4, 128, 50, 32, 1e-12), 2)).eval()
    words = torch.randn(3, 7, 64)
    mask = torch.tensor([[1] * 7, [1] * 4 + [0] * 3, [1] + [0] * 6])

    centre = torch.full((64,), 0.5)

    write_graph(model, tmp_path / "model.onnx", centre)

    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    logits, vectors = session.run(OUTPUTS, {"words": words.numpy(), "attention_mask": mask.numpy()})
    with torch.no_grad():
        halfway, after = model.encoder.halfway_and_after(words, mask.bool())
        wanted = model.head(after).numpy()
    np.testing.assert_allclose(logits, wanted, atol=0.08)
    assert not np.allclose(wanted[0], wanted[1], atol=0.08)
    np.testing.assert_allclose(vectors, (halfway - centre).numpy(), atol=0.15)
    assert not np.allclose(halfway, after, atol=0.15)


def test_vectors_are_centred_on_the_texts_of_all_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, texts in {"de": ["a", "b"], "fr": ["c", "d", "never read"]}.items():
        lines = [json.dumps({"text": text}) for text in texts]
        (tmp_path / f"{language}.jsonl").write_text("\n".join(lines))
    monkeypatch.setattr("training.multilingual.bundle.TEXTS", tmp_path)
    monkeypatch.setattr("training.multilingual.bundle.CENTRED_ON", 2)
    torch.manual_seed(3)
    model = Classifier(Encoder(Shape(64, 2, 4, 128, 50, 32, 1e-12), 2)).eval()
    pieces = {"[UNK]": 0, "<pad>": 1, "query:": 2, "a": 3, "b": 4, "c": 5, "d": 6}
    tokenizer = Tokenizer(models.WordLevel(pieces, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()

    centre = centre_of(model, tokenizer)

    ids = torch.tensor([[2, word] for word in (3, 4, 5, 6)])
    with torch.no_grad():
        wanted = model.encoder.halfway_and_after(model.encoder.words(ids), torch.ones(4, 2, dtype=torch.bool))[0]
    torch.testing.assert_close(centre, wanted.mean(0))


def test_the_card_has_one_line_a_language_and_the_screen_one_a_source() -> None:
    other = replace(rows("de", count=400, seed=7), sources=np.asarray(["other"] * 400))
    scored = both(both(rows("de", count=400), other), rows("fr", count=400))

    short, whole = (of(scored, LIMITS).splitlines()[2:] for of in (by_language, table))

    assert [line.split(" | ")[:3] for line in short] == [["| de", "all", "800"], ["| fr", "source", "400"]]
    assert [line.split(" | ")[1] for line in whole] == ["other", "source", "all", "source"]
    assert short == whole[2:]
