"""The words that draw a comment off its topic are shown at their place in the reader's own text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, pairwise

import numpy as np
import pytest

from moderation.model.signals import Of, Span
from moderation.text.copies import Copy
from tests.workers.scoring.test_relevance import OFF_TOPIC, ON_TOPIC, TEXT, TITLE, a_scorable
from training.relevance import relevance_of
from workers.scoring.engines import Floats
from workers.scoring.relevance import Relevance
from workers.scoring.relevance_evidence import CANDIDATES, Compared, KeptVectors, _parts, _phrases
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer
from workers.scoring.weights import default_models_dir

PHONE, STRIKER, OVEN = OFF_TOPIC


@pytest.fixture(scope="module")
def relevance() -> Relevance:
    return relevance_of(default_models_dir() / "toxicity")


def explain(relevance: Relevance, comment: Scorable) -> tuple[Span, ...]:
    """The words that are shown when time has no limit."""
    return relevance.explain([comment], clock=lambda: 0.0)[0]


def strays(relevance: Relevance, text: str, **overrides: object) -> list[str]:
    found = explain(relevance, a_scorable(text, **overrides))
    return [text[span.start : span.end] for span in found if span.of is Of.COMMENT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PHONE, {"software"}),
        (STRIKER, {"striker"}),
        (OVEN, {"oven", "flour"}),
        ("The ministry is right about the cod. But my phone keeps restarting since the software update.", {"phone"}),
        ("My phone keeps restarting since the last soft\u200bware update", {"soft\u200bware"}),
        ("😂 My phone ☎️ keeps restarting since the last ｓｏｆｔｗａｒｅ update 😂", {"ｓｏｆｔｗａｒｅ"}),
    ],
)
def test_the_words_that_stray_are_found(relevance: Relevance, text: str, expected: set[str]) -> None:
    assert expected <= set(strays(relevance, text))


def test_words_that_the_article_has_never_stray(relevance: Relevance) -> None:
    assert not {"ministry", "cod", "skippers"} & set(
        strays(relevance, "The ministry, the cod and all the skippers can keep my broken phone and its software")
    )


def test_the_passage_comes_first_and_words_follow_in_order_with_shares(relevance: Relevance) -> None:
    found = explain(relevance, a_scorable(PHONE))

    assert found[0].of is Of.ARTICLE
    straying = found[1:]
    assert straying
    assert all(span.of is Of.COMMENT and 0 < span.weight <= 1 for span in straying)
    assert sum(span.weight for span in straying) <= 1.001
    assert all(a.end <= b.start for a, b in pairwise(straying))


def test_of_a_long_comment_the_part_that_strays_is_searched(relevance: Relevance) -> None:
    aside = " ".join(OFF_TOPIC)
    text = " ".join(ON_TOPIC * 3) + "\n\n" + aside + "\n\n" + " ".join(ON_TOPIC * 3)

    found = explain(relevance, a_scorable(text))

    begin, end = text.index(aside), text.index(aside) + len(aside)
    strongest = max((span for span in found if span.of is Of.COMMENT), key=lambda span: span.weight)
    assert begin <= strongest.start < end


def test_a_batch_is_explained_as_each_comment_alone(relevance: Relevance) -> None:
    batch = [a_scorable(text) for text in (PHONE, "lol", OVEN)]

    together = relevance.explain(batch, clock=lambda: 0.0)

    alone = [explain(relevance, one) for one in batch]
    assert together[1] == alone[1] == ()
    assert all(words(a) & words(b) for a, b in ((together[i], alone[i]) for i in (0, 2)))
    assert words(together[0]) != words(together[2])


def test_explaining_holds_on_to_nothing(relevance: Relevance) -> None:
    relevance.score([a_scorable(OVEN)])
    held = list(relevance._latest)

    explain(relevance, a_scorable(PHONE))

    assert list(relevance._latest) == held


def words(spans: tuple[Span, ...]) -> set[tuple[int, int]]:
    """The places of the words. A few differ beside other comments: int8 weights read a text a little differently
    there."""
    return {(span.start, span.end) for span in spans if span.of is Of.COMMENT}


def test_a_reply_without_an_article_is_compared_with_its_parent(relevance: Relevance) -> None:
    reply = a_scorable(PHONE, title=None, article_text=None, article_key=None, parent_text=ON_TOPIC[0])

    found = explain(relevance, reply)

    assert any(span.of is Of.COMMENT for span in found)


@pytest.mark.parametrize("length", [1, 8, 30, 120, 900])
def test_a_comment_of_any_length_is_tried_in_few_phrases_that_do_not_overlap(relevance: Relevance, length: int) -> None:
    text = " ".join(f"{word} sofa{'.' if n % 7 == 6 else ''}" for n, word in enumerate(["lamp"] * length))
    vector = relevance.source.vectors([text])[0]
    (part,) = _parts(relevance.source.vectors, [Compared(Copy.of(text), vector, vector[np.newaxis], frozenset())], 512)

    phrases = list(_phrases(part))

    assert 1 <= len(phrases) <= CANDIDATES
    assert all(a[1] <= b[0] for a, b in pairwise(phrases))
    assert sum(end - start for start, end in phrases) <= len(part.text)


def test_when_the_time_is_spent_the_part_of_a_long_comment_is_the_answer(relevance: Relevance) -> None:
    long = " ".join(ON_TOPIC * 3) + "\n\n" + " ".join(OFF_TOPIC)
    ticks = count(step=10.0)

    short_found, long_found = relevance.explain([a_scorable(PHONE), a_scorable(long)], clock=lambda: next(ticks))

    assert words(short_found) == set()
    assert [long[start:end] for start, end in words(long_found)] == [" ".join(OFF_TOPIC)]


@pytest.mark.parametrize("text", ["部长说谎" * 300, "?!" * 300 + "abc def ghi jkl", "x" * 3000, "one two three " * 400])
def test_any_text_can_be_explained(relevance: Relevance, text: str) -> None:
    found = explain(relevance, a_scorable(text))

    assert all(0 <= span.start < span.end <= len(text) for span in found if span.of is Of.COMMENT)


def test_the_scorer_explains_relevance_with_passage_and_words(scorer: Scorer) -> None:
    comment = Scorable(PHONE, title=TITLE, article_text=TEXT)

    (found,) = scorer.explain([Unexplained(comment, ("relevance",))])

    kinds = {span.of for span in found["relevance"]}

    assert kinds == {Of.ARTICLE, Of.COMMENT}


def test_a_comment_on_topic_shows_its_passage(scorer: Scorer) -> None:
    comment = Scorable("The tram should go to the harbour", title="Tram", article_text="The tram goes to the harbour.")

    (found,) = scorer.explain([Unexplained(comment, ("relevance",))])

    first, *_ = found["relevance"]

    assert first.quote == "The tram goes to the harbour."


def test_a_word_that_was_read_alone_is_not_read_again() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return np.asarray([[len(text), 1.0] for text in texts], dtype=np.float32)

    words = KeptVectors(encode)
    long = "sofas " * 5

    first, second = words(["oven", long, "oven"]), words([long, "lamp", "oven"])

    assert asked == ["oven", long, long, "lamp"]
    np.testing.assert_array_equal(first[:, 0], [4, 30, 4])
    np.testing.assert_array_equal(second[:, 0], [30, 4, 4])
