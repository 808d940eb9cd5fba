"""The words that draw a comment off its topic are shown at their place in the reader's own text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from tokenizers import Encoding

from moderation.ground.values.signals import Of, Span
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import words as words_in
from tests.workers.scoring.relevance.test_relevance import OFF_TOPIC, ON_TOPIC, TEXT, TITLE, a_scorable
from training.relevance.teacher import relevance_of
from workers.scoring.encoder.carried import Carried
from workers.scoring.encoder.scored import Added, Window
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import EngineReading, OnnxEngine
from workers.scoring.engines.weights import ATTRIBUTIONS_FILE, Weights, default_models_dir
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.encoder_vectors import EncoderVectors
from workers.scoring.relevance.words import MAX_WORDS, MIN_SHARE, straying_words
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer

PHONE, STRIKER, OVEN = OFF_TOPIC


@pytest.fixture(scope="module")
def relevance() -> Relevance:
    return relevance_of(default_models_dir() / "toxicity")


def explain(relevance: Relevance, comment: Scorable) -> tuple[Span, ...]:
    return relevance.explain([comment])[0]


def strays(relevance: Relevance, text: str, **overrides: object) -> list[str]:
    found = explain(relevance, a_scorable(text, **overrides))
    return [text[span.start : span.end] for span in found if span.of is Of.COMMENT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PHONE, {"phone"}),
        (STRIKER, {"striker"}),
        (OVEN, {"oven", "flour"}),
        (f"{PHONE} {OVEN}", {"phone", "oven"}),
        ("My pho\u200bne keeps restarting since the last software update", {"pho\u200bne"}),
        ("😂 My ｐｈｏｎｅ ☎️ keeps restarting since the last software update 😂", {"ｐｈｏｎｅ"}),
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


def test_of_a_long_comment_the_part_that_strays_is_marked(relevance: Relevance) -> None:
    aside = " ".join(OFF_TOPIC * 3)
    text = " ".join(ON_TOPIC * 3) + "\n\n" + aside + "\n\n" + " ".join(ON_TOPIC * 3)

    found = explain(relevance, a_scorable(text))

    begin, end = text.index(aside), text.index(aside) + len(aside)
    strongest = max((span for span in found if span.of is Of.COMMENT), key=lambda span: span.weight)
    assert begin <= strongest.start < end


def test_a_batch_is_explained_as_each_comment_alone(relevance: Relevance) -> None:
    batch = [a_scorable(text) for text in (PHONE, "lol", OVEN)]

    together = relevance.explain(batch)

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


def test_a_scored_comment_is_explained_without_another_run_of_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, runs = Scorer.load(), list[int]()
    asked = [
        Scorable(text, title=TITLE, article_text=TEXT, article_key="cod")
        for text in (PHONE, OVEN.replace("flour", "ﬂour"))
    ]
    scorer.score(asked)
    read = OnnxEngine.read

    def counted(engine: OnnxEngine, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        runs.append(len(texts))
        return read(engine, texts, encodings)

    monkeypatch.setattr(OnnxEngine, "read", counted)

    found = scorer.explain([Unexplained(one, ("relevance",)) for one in asked])

    assert all(any(span.of is Of.COMMENT for span in one["relevance"]) for one in found)
    assert sum(runs) == 0


def test_weights_without_attributions_show_the_passage_alone() -> None:
    bundled = Weights.read("toxicity", default_models_dir() / "toxicity")
    files = {file: sha for file, sha in bundled.manifest["files"].items() if file != ATTRIBUTIONS_FILE}
    weights = Weights(bundled.name, bundled.folder, {**bundled.manifest, "files": files})
    engine = OnnxEngine(weights)

    found = explain(Relevance(EncoderVectors(Toxicity(engine, weights), engine, weights)), a_scorable(PHONE))

    assert [span.of for span in found] == [Of.ARTICLE]


def stretch(text: str, *amounts: float, start: int = 0) -> Added:
    """A window whose tokens are its words, and the amounts that these add to the cosine."""
    window = Window(0, Copy.of(text), start, len(text))
    return window, Carried(words_in(window.text), np.asarray(amounts, dtype=np.float32)[:, np.newaxis])


def marked(added: Added, *, article: frozenset[str] = frozenset()) -> dict[str, float]:
    text = added[0].copy.text
    return {text[span.start : span.end]: span.weight for span in straying_words(*added, article)}


def test_words_are_marked_by_their_shares_of_all_that_words_take() -> None:
    found = marked(stretch("oven phone cod the lamp", -0.03, -0.01, 0.2, -0.5, 0.0))

    assert found == {"oven": 0.75, "phone": 0.25}


def test_words_of_the_article_are_not_marked_in_any_form() -> None:
    assert marked(stretch("ovens phone", -0.3, -0.1), article=frozenset({"oven"})) == {"phone": 1.0}


def test_nothing_is_marked_if_no_word_takes_anything() -> None:
    assert marked(stretch("oven phone", 0.1, 0.0)) == {}


def test_a_window_points_into_the_whole_comment() -> None:
    assert marked(stretch("oven lamp. phone sofa.", -0.1, 0.1, start=11)) == {"phone": 1.0}


@pytest.mark.parametrize(("share", "count"), [(MIN_SHARE + 0.001, 2), (MIN_SHARE - 0.001, 1)])
def test_a_word_needs_a_share(share: float, count: int) -> None:
    assert len(marked(stretch("oven phone", share - 1, -share))) == count


@pytest.mark.parametrize("count", [MAX_WORDS, MAX_WORDS + 1])
def test_a_few_words_are_marked_at_most(count: int) -> None:
    names = [f"{letter}oven" for letter in "abcdefghijkl"[:count]]

    found = marked(stretch(" ".join(names), *(-1.0 - 0.01 * nth for nth in range(count))))

    assert list(found) == names[-MAX_WORDS:]
