"""The bundled weights for other languages than English: the same as PyTorch's, calibrated to the default limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import ModelUnavailable
from moderation.ground.values.signals import Signal
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.language import LanguageStanding
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Floats, sigmoid
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import (
    AMOUNTS,
    MANIFEST,
    ONNX_FILE,
    TABLE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    ModelFolders,
    Weights,
)
from workers.scoring.evidence.token_marks import MOST_CHARS, MOST_PLACES
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.ngrams.model import Hashed, NGrams
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.explainers import explainer_of

REFERENCE = Path(__file__).with_name("multilingual_reference.jsonl")
LARGEST_DIFFERENCE, MEAN_DIFFERENCE = 0.2, 0.035  # 0.147 and 0.026 were seen


@pytest.fixture(scope="module")
def weights(places: ModelFolders) -> Weights:
    return Weights.read("multilingual", places.models / "multilingual")


@pytest.fixture(scope="module")
def engine(weights: Weights) -> TableEngine:
    return TableEngine(weights)


def test_the_int8_export_gives_what_pytorch_gave(engine: TableEngine) -> None:
    records = [json.loads(line) for line in REFERENCE.read_text(encoding="utf-8").splitlines()]
    encodings = engine.encode([record["text"] for record in records])
    torch: Floats = sigmoid(np.asarray([record["logits"] for record in records], dtype=np.float32))

    differences = np.abs(engine.probabilities([], encodings) - torch)

    print("largest", differences.max(axis=0).round(3), "mean", differences.mean(axis=0).round(4))
    assert len(records) >= 100
    assert differences.max() <= LARGEST_DIFFERENCE
    assert differences.mean(axis=0).max() <= MEAN_DIFFERENCE


def test_rows_do_not_depend_on_their_neighbours_in_a_batch(engine: TableEngine) -> None:
    texts = ["Danke!", "Der Minister hat recht, aber die Straßenbahn ist trotzdem zu teuer geworden."]

    together = engine.probabilities([], engine.encode(texts))
    alone = np.concatenate([engine.probabilities([], engine.encode([text])) for text in texts])

    np.testing.assert_allclose(together, alone, atol=0.001)


@pytest.mark.parametrize("graph", [ONNX_FILE, TOPICS_FILE])
def test_nothing_is_opened_before_the_first_text(weights: Weights, graph: str) -> None:
    session = TableSession(weights, graph=graph)

    assert "_opened" not in vars(session)
    session.run(session.with_prefix(session.encode(["Danke!"])), ["vector"])
    assert "_opened" in vars(session)


@pytest.mark.parametrize("file", [ONNX_FILE, TABLE_FILE, TOKENIZER_FILE])
def test_a_changed_file_is_refused_at_once(weights: Weights, tmp_path: Path, file: str) -> None:
    for name in (MANIFEST, ONNX_FILE, TABLE_FILE, TOKENIZER_FILE):
        (tmp_path / name).symlink_to(weights.folder / name)
    (tmp_path / file).unlink()
    (tmp_path / file).write_bytes(b"other")

    with pytest.raises(ModelUnavailable, match=file):
        TableEngine(Weights.read("multilingual", tmp_path))


def test_the_languages_are_calibrated_to_the_limits_of_the_default_policy(weights: Weights) -> None:
    assert weights.manifest["default_limits"] == {label: DEFAULT_LIMITS[label] for label in weights.labels}
    assert set(weights.manifest["calibration_by_language"]) == set(weights.languages)
    assert set(weights.manifest["standings"]) == set(weights.languages)
    assert "en" not in weights.languages


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("ko", "이 병신같은 새끼야 기사 좀 읽어라", "병신같은"),
        ("de", "Der Bürgermeister ist ein verdammter Idiot und gehört abgewählt.", "Idiot"),
        ("fr", "Le maire est un sale connard, et personne ne le dit.", "connard"),
    ],
)
def test_words_are_marked_without_another_run(
    weights: Weights, monkeypatch: pytest.MonkeyPatch, language: str, text: str, word: str
) -> None:
    toxicity = Toxicity(TableEngine(weights), weights)
    toxicity.score([text])
    monkeypatch.setattr(TableEngine, "read", None)

    (found,) = explainer_of(toxicity).explain([CommentToExplain(text, ("toxicity",), (language,))])

    marked = [text[span.start : span.end] for span in found["toxicity"]]
    assert any(word in one for one in marked)
    assert len(marked) < len(text.split())


def weights_of_marks(weights: Weights, text: str, language: str) -> dict[str, float]:
    explainer = explainer_of(Toxicity(TableEngine(weights), weights))
    (found,) = explainer.explain([CommentToExplain(text, ("toxicity",), (language,))])
    return {text[span.start : span.end]: span.weight for span in found["toxicity"]}


def test_n_grams_add_to_the_marks_where_they_add_to_the_score(weights: Weights) -> None:
    text = "Der Bürgermeister ist ein verdammter Idiot und gehört abgewählt."
    whole = replace(weights, manifest={key: own for key, own in weights.manifest.items() if key != AMOUNTS})

    with_ngrams, beside = (weights_of_marks(own, text, "de")["Idiot"] for own in (weights, whole))

    assert with_ngrams > beside + 0.05
    assert weights_of_marks(weights, text, "fr") == weights_of_marks(whole, text, "fr")


def test_signs_that_are_one_token_together_do_not_make_marking_slow(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Du bist ein verdammter Idiot und ein dreckiges Arschloch " + "\U00013000\u2e0e" * 9_900
    toxicity = Toxicity(TableEngine(weights), weights)
    assert toxicity.score([text])[0, 0] > 0.7
    hashed, logits = list[int](), NGrams.logits

    def counted(self: NGrams, texts: Sequence[str], *given: Hashed) -> Floats:
        hashed.append(sum(map(len, texts)))
        return logits(self, texts, *given)

    monkeypatch.setattr(NGrams, "logits", counted)

    for length in (len(text), MOST_CHARS, 1_000):
        part = text[:length]
        toxicity.score([part])
        hashed.clear()
        (found,) = explainer_of(toxicity).explain([CommentToExplain(part, ("toxicity", "insult"), ("de",))])
        assert sum(hashed) <= 2 * MOST_CHARS * (MOST_PLACES + 2)
        assert any("Arschloch" in part[span.start : span.end] for span in found["toxicity"])


def value(signals: tuple[Signal, ...], name: str) -> float | None:
    return next(s.value for s in signals if s.name == name)


PAIRS = {
    "de": ("Du bist ein widerlicher Drecksack und ein verdammter Idiot, halt die Fresse.",
           "Die neue Straßenbahn ist teuer, aber sie hilft den Leuten in der Vorstadt sehr."),
    "es": ("Eres un hijo de puta y un imbécil de mierda, ojalá te mueras.",
           "El nuevo tranvía es caro, pero ayuda mucho a la gente de los barrios."),
    "ko": ("이 병신같은 새끼야 꺼져라 진짜 역겹다 쓰레기 같은 놈",
           "새로운 전철 노선은 비싸지만 주민들에게 큰 도움이 될 것 같습니다."),
    "ro": ("Ești un prost și un bou nenorocit, du-te dracului cu minciunile tale de jeg.",
           "Tramvaiul nou este scump, dar îi ajută mult pe oamenii din cartiere."),
    "tr": ("Sen tam bir aptal ve şerefsizsin, defol git orospu çocuğu.",
           "Yeni tramvay pahalı ama mahallelerdeki insanlara çok yardımcı oluyor."),
    "pl": ("Jesteś zwykłym debilem i śmieciem, spierdalaj stąd idioto.",
           "Nowy tramwaj jest drogi, ale bardzo pomaga ludziom z przedmieść."),
    "pt": ("Você é um filho da puta e um idiota de merda, vai se foder.",
           "O novo bonde é caro, mas ajuda muito as pessoas dos bairros."),
    "fr": ("Tu es un connard et une sale merde, ferme ta gueule espèce d'abruti.",
           "Le nouveau tramway est cher, mais il aide beaucoup les habitants des quartiers."),
    "it": ("Sei un coglione e un pezzo di merda, vai a fare in culo idiota.",
           "Il nuovo tram è caro, ma aiuta molto le persone dei quartieri."),
    "nl": ("Jij bent een vieze klootzak en een achterlijke idioot, rot op.",
           "De nieuwe tram is duur, maar helpt de mensen in de buitenwijken veel."),
}  # fmt: skip


@pytest.mark.parametrize("language", PAIRS)
def test_an_insult_scores_far_above_a_civil_remark(scorer: Scorer, language: str) -> None:
    insult, civil = scorer.score([Scorable(text) for text in PAIRS[language]])

    assert [s.source for s in insult if s.name == "language.supported"] == [f"lang:{language}"]
    assert (value(insult, "toxicity") or 0) > (value(civil, "toxicity") or 1) + 0.4
    assert value(civil, "relevance") is None


@pytest.mark.parametrize("language", ["es", "ko", "pl", "ro"])
def test_an_insult_is_held_at_the_default_limit(scorer: Scorer, language: str) -> None:
    insult, civil = scorer.score([Scorable(text) for text in PAIRS[language]])

    assert scorer.languages[language] is LanguageStanding.ADVISES
    assert (value(insult, "toxicity") or 0) >= DEFAULT_LIMITS["toxicity"] > (value(civil, "toxicity") or 1)


def test_the_words_of_an_insult_are_marked(scorer: Scorer) -> None:
    text = "Die Straßenbahn ist teuer. Du bist ein widerlicher Drecksack und ein verdammter Idiot."
    asked = Scorable(text)
    scorer.score([asked])

    (found,) = scorer.explain([Unexplained(asked, ("toxicity",))])

    marked = {text[span.start : span.end] for span in found["toxicity"]}
    assert {"Drecksack", "Idiot"} & marked
    assert not {"Straßenbahn", "teuer", "Die", "ist"} & marked


def test_abuse_in_another_language_far_into_a_comment_counts(scorer: Scorer) -> None:
    civil = "The council voted for the new tram line on Monday, and that was the right decision for all of us. " * 8
    abuse = PAIRS["de"][0]

    (signals,) = scorer.score([Scorable(civil + abuse, language="en")])

    alone = value(scorer.score([Scorable(civil)])[0], "toxicity") or 0
    assert (value(signals, "toxicity") or 0) > alone + 0.3
    assert [s.source for s in signals if s.name == "language.supported"] == ["lang:en+de"]


def test_the_scorer_lists_the_standings_of_all_weights(scorer: Scorer, weights: Weights) -> None:
    assert scorer.languages == {"en": LanguageStanding.DECIDES, **weights.standings}


def test_the_first_comment_does_not_pay_for_opening_the_tokenizer(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a fifth of a second, and the time of a comment is a twentieth."""
    budget, running = Budget(BUDGET_S, own_time), list[float]()

    def knows_pictures(_engine: TableEngine) -> bool:
        before = budget.used_s
        sum(range(100_000))
        running.append(budget.used_s - before)
        return True

    monkeypatch.setattr(TableEngine, "knows_pictures", property(knows_pictures))
    text = "Les représailles ne servent à rien, commençons par une usine à nous."
    scorer.score([Scorable(text, reading=Reading(text, budget))])

    assert running and set(running) == {0.0}
