"""Words are marked by the amounts that came with the score, at their place in the reader's own text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from moderation.ground.values.signals import Span
from tests.workers.scoring.engines.adding_engine import AMOUNTS, AddingEngine
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.weights import Weights
from workers.scoring.evidence.token_marks import MIN_SHARE, SPREAD, TokenMarks
from workers.scoring.evidence.toxicity_words import MAX_SPANS, CommentToExplain, strongest


@pytest.fixture
def engine() -> AddingEngine:
    return AddingEngine()


@pytest.fixture
def toxicity(engine: AddingEngine) -> Toxicity:
    return Toxicity(engine, Weights("adding", Path("nowhere"), {"files": {}, "weights_sha256": "aa"}))


def marks(toxicity: Toxicity, text: str, signal: str = "toxicity", languages: tuple[str, ...] = ("en",)) -> list[Span]:
    (found,) = TokenMarks(toxicity).explain([CommentToExplain(text, (signal,), languages)])
    return list(found.get(signal, ()))


def quotes(text: str, spans: Sequence[Span]) -> list[tuple[str, float]]:
    return [(text[span.start : span.end], span.weight) for span in spans]


def test_a_word_has_the_amounts_of_all_its_pieces(toxicity: Toxicity) -> None:
    text = "Stupid fool, kind of."

    spans = marks(toxicity, text)

    assert [word for word, _ in quotes(text, spans)] == ["Stupid", "fool"]
    assert [span.weight for span in spans] == pytest.approx([1 / 3, 2 / 3], abs=1e-3)


def test_words_with_a_small_share_are_not_marked(toxicity: Toxicity) -> None:
    text = "You are rather a fool."

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["fool"]
    assert AMOUNTS["rather"] / (AMOUNTS["rather"] + AMOUNTS["fool"]) < MIN_SHARE


def test_where_no_word_has_much_of_a_spread_score_the_strongest_are_marked() -> None:
    amounts = np.asarray([0.1] * 11 + [0.0], dtype=np.float32)
    amounts[[2, 5, 7]] += np.asarray([0.012, 0.02, 0.01], dtype=np.float32)
    places = [(3 * i, 3 * i + 2) for i in range(12)]

    found = strongest(places, amounts, least=MIN_SHARE, otherwise=SPREAD)

    assert [place for place, _ in found] == [places[2], places[5], places[7]]
    assert strongest(places, amounts, least=MIN_SHARE) == []
    assert strongest(places[:2], np.asarray([0.0, 0.2], dtype=np.float32), least=2.0, otherwise=SPREAD) == [
        (places[1], 1.0)
    ]


def test_names_of_groups_and_function_words_are_never_marked_where_others_tell(toxicity: Toxicity) -> None:
    text = "The women met the fool."

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["fool"]


def test_the_names_of_groups_are_those_of_the_comments_languages(toxicity: Toxicity) -> None:
    text = "women fool"

    assert [word for word, _ in quotes(text, marks(toxicity, text, languages=("xx",)))] == ["women", "fool"]


def test_where_no_word_may_be_marked_the_worst_sentence_is_the_answer(toxicity: Toxicity) -> None:
    text = "Nothing was said here. All women came. Nothing else."

    assert quotes(text, marks(toxicity, text)) == [("All women came.", 1.0)]


def test_words_of_all_sentences_are_marked(toxicity: Toxicity) -> None:
    text = "You fool. It rained. Stupid liar."

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["fool", "Stupid", "liar"]


def test_a_low_score_has_nothing_to_show(toxicity: Toxicity) -> None:
    assert marks(toxicity, "How kind.") == []


def test_an_empty_batch_has_no_answers(toxicity: Toxicity) -> None:
    assert TokenMarks(toxicity).explain([]) == []


def test_a_comment_that_was_just_scored_is_not_read_again(toxicity: Toxicity, engine: AddingEngine) -> None:
    text = "You are a stupid fool."
    toxicity.score([text])
    read = list(engine.read_texts)

    spans = marks(toxicity, text)

    assert 0 < len(spans) <= MAX_SPANS
    assert engine.read_texts == read != []


def test_a_disguised_word_is_marked_as_it_was_written(toxicity: Toxicity) -> None:
    text = "You ｆｏｏｌ."

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["ｆｏｏｌ"]


def test_in_a_long_comment_the_words_of_the_worst_window_are_marked(toxicity: Toxicity) -> None:
    text = "It rained a lot on Monday. " * 12 + "You fool. " + "It rained a lot on Monday. " * 12

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["fool"]
