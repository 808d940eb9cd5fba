"""Which weights judge the relevance of a comment, by its language and that of its article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from moderation.ground.values.signals import Signal
from moderation.judging.text.reading import Reading
from workers.scoring.encoder.scored import Added
from workers.scoring.engines.onnx import Floats
from workers.scoring.relevance.calibration import Calibration, calibration_of
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.scorer import RelevanceScorer
from workers.scoring.relevance.text_vectors import MOST_WINDOWS
from workers.scoring.scorable import Scorable, Unexplained

TRAM = "The tram to the harbour is late again this morning"
ON, OFF = 0.880797, 0.119203
BAHN = "Die Bahn zum Hafen kommt heute schon wieder zu spät"


class Counted:
    """Texts that begin with the same letter point the same way; it keeps all that it reads."""

    known = calibration_of(
        {
            "title": {"intercept": -2, "weights": {"title": 4}},
            "text": {"intercept": -2, "weights": {"passage": 4}},
            "parent": {"intercept": 0, "weights": {"parent": 1}},
        }
    )

    def __init__(self, name: str, *languages: str) -> None:
        self.name = name
        self.version = self.space = f"{name}@1"
        self.languages = languages
        self.texts: list[str] = []

    def calibration_for(self, languages: Sequence[str]) -> Calibration:
        return self.known

    def compares(self, language: str, other: str) -> bool:
        return language == other in self.languages or (self.name == "others" and {language, other} == {"en", "de"})

    def vectors(self, texts: Sequence[str], *, to_explain: bool = False, most: int = MOST_WINDOWS) -> Floats:
        self.texts += texts
        return np.eye(128, dtype=np.float32)[[ord(text[0].lower()) % 128 for text in texts]].reshape(len(texts), 128)

    def added(self, reading: Reading, to: Floats) -> Added | None:
        return None


@pytest.fixture
def english() -> Counted:
    return Counted("english", "en")


@pytest.fixture
def others() -> Counted:
    return Counted("others", "de", "fr")


@pytest.fixture
def scorer(english: Counted, others: Counted) -> RelevanceScorer:
    return RelevanceScorer(relevance=Relevance(english), relevance_multilingual=Relevance(others))


def judged(scorer: RelevanceScorer, *batch: Scorable) -> list[Signal]:
    return [signal for (signal,) in scorer.score(batch)]


def test_models_are_named_as_a_scoring_keeps_them(scorer: RelevanceScorer) -> None:
    assert scorer.models == {"relevance": "english@1", "relevance_multilingual": "others@1"}


def test_english_beside_english_is_judged_by_the_first_weights_alone(scorer: RelevanceScorer, others: Counted) -> None:
    (found,) = judged(scorer, Scorable(TRAM, title="Trams are late", language="en"))

    assert (found.source, found.value) == ("english@1", ON)
    assert others.texts == []


@pytest.mark.parametrize(
    "one",
    [
        Scorable(BAHN, title="Der Hafen wächst", language="de"),
        Scorable(BAHN, title="Docks are growing", language="de", article_language="en"),
        Scorable(TRAM, title="Tram wird teurer", language="en", article_language="de"),
    ],
)
def test_another_language_on_one_side_goes_to_the_weights_that_know_both(
    scorer: RelevanceScorer, english: Counted, one: Scorable
) -> None:
    (found,) = judged(scorer, one)

    assert (found.source, found.value, found.abstained) == ("others@1", ON, None)
    assert english.texts == []


def test_a_batch_in_two_languages_keeps_its_order(scorer: RelevanceScorer) -> None:
    batch = [
        Scorable(BAHN, title="Der Hafen", language="de"),
        Scorable(TRAM, title="Nothing of the kind", language="en"),
        Scorable("Treinen rijden vandaag weer niet", title="Trein", language="nl"),
        Scorable(TRAM, title="Trams", language="en"),
    ]

    found = judged(scorer, *batch)

    assert [one.value for one in found] == [ON, OFF, None, ON]
    assert [one.source for one in found] == ["others@1", "english@1", "english@1", "english@1"]


@pytest.mark.parametrize(
    ("one", "language"),
    [
        (Scorable("Treinen rijden vandaag niet", title="Trein", language="nl"), "Dutch"),
        (Scorable(BAHN, title="Trein", language="de", article_language="nl"), "Dutch"),
        (Scorable("Treinen rijden vandaag niet", title="Zug", language="nl", article_language="de"), "Dutch"),
        (Scorable(BAHN, title="Bus en retard", language="de", article_language="fr"), "German under French"),
        (
            Scorable("Le train est en retard", title="Train", language="fr", article_language="en"),
            "French under English",
        ),
        (Scorable(TRAM, title="Train", article_language="nl"), "Dutch"),
    ],
)
def test_a_language_that_no_weights_know_is_named(scorer: RelevanceScorer, one: Scorable, language: str) -> None:
    (found,) = judged(scorer, one)

    assert (found.value, found.abstained) == (None, f"no relevance model for {language}")


def test_weights_of_no_language_judge_nothing(english: Counted) -> None:
    scorer = RelevanceScorer(relevance=Relevance(english), relevance_multilingual=Relevance(Counted("none")))

    (found,) = judged(scorer, Scorable(BAHN, title="Trams", language="de", article_language="en"))

    assert (found.value, found.abstained) == (None, "no relevance model for German")


def test_a_comment_of_no_known_language_is_judged_in_that_of_its_article(scorer: RelevanceScorer) -> None:
    (found,) = judged(scorer, Scorable(BAHN, title="Der Hafen", article_language="de"))

    assert (found.source, found.value) == ("others@1", ON)


def test_weights_that_judge_nothing_are_not_asked(scorer: RelevanceScorer, others: Counted) -> None:
    judged(scorer, Scorable(TRAM, title="Trams", language="en"))
    scorer.explain([Unexplained(Scorable(TRAM, title="Trams", language="en"), ("relevance",))])

    assert others.texts == []


def test_where_no_language_is_known_the_first_weights_judge(scorer: RelevanceScorer) -> None:
    (found,) = judged(scorer, Scorable(TRAM, title="Trams"))

    assert found.source == "english@1"


def test_each_judgement_is_explained_by_its_own_weights(scorer: RelevanceScorer) -> None:
    batch = [Scorable(TRAM, title="Trams", language="en"), Scorable(BAHN, title="Bahn zum Hafen", language="de")]
    scorer.score(batch)

    found = scorer.explain([Unexplained(one, ("relevance",)) for one in batch])

    assert [[span.quote for span in one["relevance"]] for one in found] == [["Trams"], ["Bahn zum Hafen"]]


def test_vectors_to_keep_are_those_of_the_first_weights(scorer: RelevanceScorer) -> None:
    english, german = scorer.vectors([Scorable(TRAM, language="en"), Scorable(BAHN, language="de")])

    assert english is not None and english.space == "english@1"
    assert german is None
