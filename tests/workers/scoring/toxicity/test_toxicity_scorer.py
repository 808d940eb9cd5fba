"""Which weights score a comment, and how the values of several languages become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Encoding, Tokenizer, models, pre_tokenizers

from moderation.ground.values.signals import Signal
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import LOGITS, EngineReading, Floats
from workers.scoring.engines.weights import Weights
from workers.scoring.scorable import ForeignPart, Scorable, Unexplained
from workers.scoring.toxicity.scorer import PART_DISCOUNT, ToxicityScorer


class WordEngine:
    """Toxic with a probability of 0.9 where the text has one of its words, else 0.1."""

    max_tokens = 64
    knows_pictures = True
    outputs = frozenset({LOGITS})

    def __init__(self, labels: tuple[str, ...], words: set[str]) -> None:
        self.labels, self.words = labels, words
        self.scored: list[str] = []
        self._tokenizer = Tokenizer(models.WordLevel({"?": 0}, "?"))
        self._tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(list(texts)))

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        return EngineReading(self.probabilities(texts, encodings))

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        self.scored += texts
        rows = [[0.9 if self.words & set(text.lower().split()) else 0.1] * len(self.labels) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), len(self.labels))


class WholeTextEngine(WordEngine):
    """Toxic only if the whole text is one of its words: what a civil text around an insult washes out."""

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        self.scored += texts
        rows = [[0.9 if text.strip() in self.words else 0.1] * len(self.labels) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), len(self.labels))


def weights(name: str, **manifest: Any) -> Weights:
    return Weights(name, Path("nowhere"), {"files": {}, "weights_sha256": name * 8, **manifest})


@pytest.fixture
def english() -> WordEngine:
    return WordEngine(("toxicity", "insult", "sexual_explicit"), {"fool"})


@pytest.fixture
def others() -> WordEngine:
    return WordEngine(("toxicity", "insult"), {"tonto", "narr"})


CALIBRATION = {"de": {"toxicity": {"scale": 1.0, "shift": -1.0}}, "es": {"toxicity": {"scale": 1.0, "shift": 1.0}}}


@pytest.fixture
def scorer(english: WordEngine, others: WordEngine) -> ToxicityScorer:
    manifest = {"languages": ["de", "es", "en"], "calibration_by_language": CALIBRATION}
    return ToxicityScorer(
        toxicity=Toxicity(english, weights("aa")), toxicity_multilingual=Toxicity(others, weights("bb", **manifest))
    )


def values(signals: Sequence[Signal]) -> Mapping[str, float | None]:
    return {s.name: s.value if s.value is None else round(s.value, 2) for s in signals}


def test_each_language_is_scored_by_the_first_weights_that_know_it(
    scorer: ToxicityScorer, english: WordEngine, others: WordEngine
) -> None:
    found = scorer.score([Scorable("fool", language="en"), Scorable("tonto", language="es")])

    assert [values(signals)["insult"] for signals in found] == [0.9, 0.9]
    assert [signals[0].source for signals in found] == ["aa@aaaaaaaa", "bb@bbbbbbbb"]
    assert (english.scored, others.scored) == (["fool"], ["tonto"])
    assert scorer.models == {"toxicity": "aa@aaaaaaaa", "toxicity_multilingual": "bb@bbbbbbbb"}


def test_a_score_is_calibrated_for_its_language(scorer: ToxicityScorer) -> None:
    german, spanish = scorer.score([Scorable("narr", language="de"), Scorable("tonto", language="es")])

    assert values(german) == {"toxicity": 0.77, "insult": 0.9, "sexual_explicit": None}
    assert values(spanish) == {"toxicity": 0.96, "insult": 0.9, "sexual_explicit": None}


def test_a_head_that_the_weights_of_a_language_lack_abstains_with_a_reason(scorer: ToxicityScorer) -> None:
    (signals,) = scorer.score([Scorable("narr", language="de")])

    assert signals[2].abstained == "not measured in German"


def test_a_comment_in_two_languages_has_the_higher_of_both_values(
    scorer: ToxicityScorer, english: WordEngine, others: WordEngine
) -> None:
    first, second = scorer.score(
        [
            Scorable("a civil text, tonto", language="en", other_languages=("es",)),
            Scorable("a fool here", language="en", other_languages=("es",)),
        ]
    )

    assert (values(first)["toxicity"], first[0].source) == (0.96, "bb@bbbbbbbb")
    assert (values(second)["toxicity"], second[0].source) == (0.9, "aa@aaaaaaaa")
    assert len(english.scored) == len(others.scored) == 2


def test_a_part_in_another_language_is_scored_alone_too_with_a_discount(
    english: WordEngine, others: WordEngine
) -> None:
    text = "so civil, ein narr"
    judge = WholeTextEngine(others.labels, {"ein narr"})
    scorer = ToxicityScorer(
        toxicity=Toxicity(english, weights("aa")), de=Toxicity(judge, weights("bb", languages=["de"]))
    )

    (signals,) = scorer.score(
        [Scorable(text, language="en", other_languages=("de",), parts=(ForeignPart("de", 10, 18),))]
    )

    assert judge.scored == [text, "ein narr"]
    assert signals[0].value == pytest.approx(1 / (1 + 1 / 9 * np.exp(PART_DISCOUNT)), abs=1e-4)
    assert signals[0].source == "bb@bbbbbbbb"


def test_a_part_that_no_weights_know_is_not_scored(scorer: ToxicityScorer, others: WordEngine) -> None:
    one = Scorable("a fool na mjinga", language="en", other_languages=("sw",), parts=(ForeignPart("sw", 7, 16),))

    (signals,) = scorer.score([one])

    assert others.scored == []
    assert values(signals)["toxicity"] == 0.9


def test_the_words_of_a_part_are_marked_where_they_are_in_the_comment(english: WordEngine, others: WordEngine) -> None:
    judge = WholeTextEngine(others.labels, {"ein narr"})
    scorer = ToxicityScorer(
        toxicity=Toxicity(english, weights("aa")), de=Toxicity(judge, weights("bb", languages=["de"]))
    )
    one = Scorable("so civil, ein narr", language="en", other_languages=("de",), parts=(ForeignPart("de", 10, 18),))

    (found,) = scorer.explain([Unexplained(one, ("toxicity",))])

    assert [one.text[span.start : span.end] for span in found["toxicity"]] == ["ein narr"]


def test_no_weights_abstain_with_the_language(scorer: ToxicityScorer) -> None:
    swahili, unclear = scorer.score([Scorable("fool", language="sw"), Scorable("fool")])

    assert [s.abstained for s in swahili] == ["language: sw"] * 3
    assert [s.abstained for s in unclear] == ["language: und"] * 3


def test_a_signal_is_explained_by_the_weights_that_gave_it(scorer: ToxicityScorer) -> None:
    both = Scorable("You fool are a tonto", language="en", other_languages=("es",))
    german = Scorable("Sie sind ein narr", language="de")
    scorer.score([both, german])

    asked = [Unexplained(both, ("toxicity", "sexual_explicit")), Unexplained(german, ("insult",))]
    first, second = scorer.explain(asked)

    marked = {name: [both.text[s.start : s.end] for s in spans] for name, spans in first.items()}
    assert marked == {"toxicity": ["tonto"], "sexual_explicit": ["fool"]}
    assert [german.text[s.start : s.end] for s in second["insult"]] == ["narr"]
