"""Words are marked by the amounts that came with the score, at their place in the reader's own text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Encoding, Tokenizer, models, normalizers, pre_tokenizers

from moderation.model.signals import Span
from workers.scoring.engines import CARRIED, LOGITS, Floats, Reading, sigmoid
from workers.scoring.token_marks import MIN_SHARE, TokenMarks
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import MAX_SPANS, Asked
from workers.scoring.weights import Weights

AMOUNTS = {"fool": 4.0, "stupid": 2.0, "liar": 3.0, "women": 5.0, "the": 6.0, "rather": 0.1, "kind": -3.0}
"""What each word adds to the log-odds of an insult; to those of a threat it adds nothing."""


class AddingEngine:
    """Adds up the amounts of a text's words, and gives them by token. Words are cut into pieces of one letter."""

    labels = ("toxicity", "insult", "threat")
    max_tokens = 100
    knows_pictures = True
    outputs = frozenset({LOGITS, CARRIED})

    def __init__(self) -> None:
        self.read_texts: list[str] = []
        self._tokenizer = Tokenizer(models.WordLevel({"?": 0}, "?"))
        self._tokenizer.normalizer = normalizers.Lowercase()
        self._tokenizer.pre_tokenizer = pre_tokenizers.Split(r"", "isolated")

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(list(texts)))

    def read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Reading:
        self.read_texts += texts
        carried = tuple(self._carried(text, encoding) for text, encoding in zip(texts, encodings, strict=True))
        return Reading(sigmoid(np.stack([own.sum(axis=0) - 1 for own in carried])), carried=carried)

    def probabilities(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> Floats:
        return self.read(texts, encodings).probabilities

    def _carried(self, text: str, encoding: Encoding) -> Floats:
        found = np.zeros((len(encoding.ids), 3), dtype=np.float32)
        for word, amount in AMOUNTS.items():
            at = text.lower().find(word)
            pieces = [i for i, (a, b) in enumerate(encoding.offsets) if at >= 0 and at <= a < b <= at + len(word)]
            found[pieces, :2] = amount / max(1, len(pieces))
        return found


@pytest.fixture
def engine() -> AddingEngine:
    return AddingEngine()


@pytest.fixture
def toxicity(engine: AddingEngine) -> Toxicity:
    return Toxicity(engine, Weights("adding", Path("nowhere"), {"files": {}, "weights_sha256": "aa"}))


def marks(toxicity: Toxicity, text: str, signal: str = "toxicity", languages: tuple[str, ...] = ("en",)) -> list[Span]:
    (found,) = TokenMarks(toxicity).explain([Asked(text, (signal,), languages)])
    return list(found.get(signal, ()))


def quotes(text: str, spans: Sequence[Span]) -> list[tuple[str, float]]:
    return [(text[span.start : span.end], span.weight) for span in spans]


def test_a_word_has_the_amounts_of_all_its_pieces(toxicity: Toxicity) -> None:
    text = "Stupid fool, kind of."

    spans = marks(toxicity, text)

    assert quotes(text, spans) == [("Stupid", pytest.approx(1 / 3, abs=1e-3)), ("fool", pytest.approx(2 / 3, abs=1e-3))]


def test_words_with_a_small_share_are_not_marked(toxicity: Toxicity) -> None:
    text = "You are rather a fool."

    assert [word for word, _ in quotes(text, marks(toxicity, text))] == ["fool"]
    assert AMOUNTS["rather"] / (AMOUNTS["rather"] + AMOUNTS["fool"]) < MIN_SHARE


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
