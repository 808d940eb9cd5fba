"""On topic, off topic, or not to be judged: with the bundled sentence vectors."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.ground.values.signals import Of
from training.measuring.metrics import auc
from training.relevance.teacher import relevance_of
from training.rows.articles import read_articles
from training.rows.pairs import pairs_of_articles
from workers.scoring.encoder.passages import NO_ARTICLE, TOO_SHORT
from workers.scoring.engines.weights import default_models_dir
from workers.scoring.relevance.calibration import Coefficients
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.scorable import Scorable

TITLE = "Fishing fleet protests against new cod quotas"
TEXT = (
    "Some forty trawlers blocked the harbour on Monday in protest against the cod quota.\n\n"
    "The ministry cut the catch by a third after a survey found fewer young fish.\n\n"
    "Skippers say that fuel has doubled in price and that two crews have already been laid off.\n\n"
    "Marine biologists warned that the stock could collapse within five years."
)
ON_TOPIC = (
    "If the cod stock collapses there will be no fleet left to protest, so the quota is right.",
    "Try paying a crew when diesel costs this much and your catch is cut by a third.",
    "The survey was made in the wrong season, every skipper in the harbour knows it.",
)
OFF_TOPIC = (
    "My phone keeps restarting since the last software update, does anybody know why?",
    "The striker should have been substituted at half time, he could hardly run.",
    "Preheat the oven, whisk the eggs and fold in the flour very gently.",
)


HELD_OUT = [one for one in read_articles() if one.held_out]
"""Headlines and comments that neither the encoder nor the floors below were fitted to; the calibration was."""


@pytest.fixture(scope="module")
def relevance() -> Relevance:
    return relevance_of(default_models_dir() / "toxicity")


def a_scorable(text: str, **overrides: object) -> Scorable:
    fields: dict[str, object] = {"title": TITLE, "article_text": TEXT, "article_key": "cod-1", **overrides}
    return Scorable(text, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "article", [{}, {"article_text": None, "article_key": "cod-title"}], ids=["text", "title only"]
)
def test_comments_on_topic_are_above_a_half_and_others_below(relevance: Relevance, article: dict[str, object]) -> None:
    on = [j.value for j in relevance.score([a_scorable(text, **article) for text in ON_TOPIC])]
    off = [j.value for j in relevance.score([a_scorable(text, **article) for text in OFF_TOPIC])]

    assert max(v for v in off if v is not None) < 0.5
    assert min(v for v in on if v is not None) > max(v for v in off if v is not None)
    assert np.mean([v for v in on if v is not None]) > 0.5


@pytest.mark.parametrize(("summaries", "floor"), [(False, 0.84), (True, 0.88)], ids=["title only", "standfirst"])
def test_readers_comments_are_told_apart_better_than_by_the_plain_encoder(
    relevance: Relevance, summaries: bool, floor: float
) -> None:
    pairs = list(pairs_of_articles(HELD_OUT, summaries=summaries, seed=9))

    judged = relevance.score([Scorable(p.text, title=p.title, summary=p.summary) for p in pairs])

    known = [(j.value, p.on_topic) for j, p in zip(judged, pairs, strict=True) if j.value is not None]
    values, on_topic = (np.asarray(column) for column in zip(*known, strict=True))
    found = auc(values, on_topic)
    assert len(known) > 0.9 * len(pairs)
    assert found is not None and found > floor  # 0.811 and 0.853 with the encoder as it was before it was trained


def test_the_nearest_passage_is_the_evidence(relevance: Relevance) -> None:
    (judged,) = relevance.score(
        [a_scorable("Fuel prices have doubled and crews are laid off, of course skippers are angry")]
    )

    (span,) = judged.evidence
    assert span.of is Of.ARTICLE
    assert "fuel has doubled" in TEXT[span.start : span.end]
    assert span.quote is not None
    assert "fuel has doubled" in span.quote
    assert 0.3 < span.weight <= 1.0


@pytest.mark.parametrize(
    ("text", "overrides", "reason"),
    [
        ("Great article, thanks!", {}, TOO_SHORT),
        ("lol", {"article_text": None, "title": None}, TOO_SHORT),
        ("The ministry should have asked the skippers first", {"article_text": None, "title": None}, NO_ARTICLE),
        ("The ministry should have asked the skippers first", {"article_text": " ", "title": ""}, NO_ARTICLE),
    ],
)
def test_what_cannot_be_judged_abstains_with_the_reason(
    relevance: Relevance, text: str, overrides: dict[str, object], reason: str
) -> None:
    (judged,) = relevance.score([a_scorable(text, article_key=None, **overrides)])

    assert (judged.value, judged.abstained) == (None, reason)


def test_a_reply_takes_its_topic_from_a_parent_that_it_answers(relevance: Relevance) -> None:
    parent = "Trawlers should be electric, then the skippers would not need diesel for their catch of cod."
    reply = "An electric trawler with a battery large enough would sink before it left"
    alone, answered = relevance.score([a_scorable(reply, article_key="k"), a_scorable(reply, parent_text=parent)])

    assert alone.value is not None
    assert answered.value is not None
    assert answered.value >= alone.value
    assert any(span.of is Of.PARENT for span in answered.evidence)


def test_a_reply_to_an_off_topic_parent_inherits_nothing(relevance: Relevance) -> None:
    reply = "Fold in the flour very gently and preheat the oven"

    (judged,) = relevance.score([a_scorable(reply, parent_text="Whisk the eggs, then fold in the flour gently.")])

    assert judged.value is not None
    assert judged.value < 0.5


def test_a_reply_without_an_article_is_judged_by_its_parent(relevance: Relevance) -> None:
    nowhere = {"title": None, "article_text": None, "article_key": None, "parent_text": ON_TOPIC[0]}

    answer, stray = relevance.score(
        [a_scorable(ON_TOPIC[0] + " Right?", **nowhere), a_scorable(OFF_TOPIC[2], **nowhere)]
    )

    assert answer.value is not None
    assert stray.value is not None
    assert answer.value > 0.5 > stray.value


def test_tags_and_section_count_where_they_are_nearer_than_the_title(relevance: Relevance) -> None:
    text = "The cod stock in the North Sea is not what it was"
    bare = a_scorable(text, title="Live", article_text=None, article_key=None)
    tagged = a_scorable(text, title="Live", article_text=None, article_key=None, section="Fisheries", tags=("cod",))

    assert relevance.features(tagged)["title"] > relevance.features(bare)["title"] + 0.1
    assert relevance.features(a_scorable(text, tags=("opera",), article_key=None)) == pytest.approx(
        relevance.features(a_scorable(text, article_key=None)), abs=0.05
    )


SUMMARY = "Skippers say that the ministry's cut of the cod catch will ruin them."


def test_a_summary_counts_where_there_is_no_text(relevance: Relevance) -> None:
    live = {"title": "Live: Monday", "article_text": None, "article_key": None}

    (bare,) = relevance.score([a_scorable(ON_TOPIC[0], **live)])
    on, off = relevance.score([a_scorable(text, summary=SUMMARY, **live) for text in (ON_TOPIC[0], OFF_TOPIC[0])])

    assert bare.value is not None and on.value is not None and off.value is not None
    assert bare.value < 0.5 < on.value
    assert off.value < 0.5


def test_a_summary_alone_is_enough_to_judge_and_its_nearest_sentences_are_shown(relevance: Relevance) -> None:
    alone = {"title": None, "article_text": None, "article_key": None, "summary": SUMMARY}
    nearer = "The skippers say that the ministry's cut of the cod catch is going to ruin them"

    (judged,) = relevance.score([a_scorable(nearer, **alone)])

    assert judged.value is not None and judged.value > 0.5
    (span,) = judged.evidence
    assert span.of is Of.SUMMARY
    assert SUMMARY[span.start : span.end].startswith(span.quote or "nothing")


def test_words_of_the_summary_are_the_articles_own(relevance: Relevance) -> None:
    article = {"title": "Live", "article_text": None, "article_key": None}

    bare = relevance.features(a_scorable("skippers", **article))
    summed_up = relevance.features(a_scorable("skippers", summary=SUMMARY, **article))

    assert (bare["names"], summed_up["names"]) == (0.0, 1.0)


def test_an_article_is_read_once_per_key(relevance: Relevance) -> None:
    first = relevance.article(a_scorable("x", article_key="once"))

    assert relevance.article(a_scorable("y", article_key="once")) is first
    assert relevance.article(a_scorable("y", article_key="twice")) is not first


def test_a_long_comment_counts_as_a_whole(relevance: Relevance) -> None:
    long = " ".join(ON_TOPIC * 12)

    (judged,) = relevance.score([a_scorable(long)])

    assert judged.value is not None
    assert judged.value > 0.5


@pytest.mark.parametrize("text", ["部长说谎" * 500, "x" * 5000, "मंत्री झूठा है " * 400, "! " * 3000])
def test_any_script_of_any_length_can_be_compared(relevance: Relevance, text: str) -> None:
    vectors = relevance.source.vectors([text, "short"])

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_comments_of_a_batch_keep_their_order(relevance: Relevance) -> None:
    texts = [ON_TOPIC[0], "lol", OFF_TOPIC[0], ON_TOPIC[1]]

    together = [j.value for j in relevance.score([a_scorable(t) for t in texts])]

    alone = [relevance.score([a_scorable(t)])[0].value for t in texts]
    assert [v is None for v in together] == [False, True, False, False]
    assert [v for v in together if v is not None] == pytest.approx([v for v in alone if v is not None], abs=0.05)


def test_coefficients_are_a_logistic_regression() -> None:
    coefficients = Coefficients.of({"intercept": -1.0, "weights": {"title": 4.0}})

    assert coefficients.probability({"title": 0.25, "passage": 9.0}) == 0.5
    assert coefficients.probability({"title": 100.0}) == pytest.approx(1.0)
