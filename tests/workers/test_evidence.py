"""What carries a score is shown where it stands in the reader's own text."""

from __future__ import annotations

from itertools import count, pairwise

import pytest

from moderation.model import Of
from workers import evidence
from workers.scoring import Scorable, Scorer

CIVIL = "The committee met on Tuesday and discussed the drainage of the lower fields. "


def quotes(scorer: Scorer, text: str) -> list[str]:
    """What is shown with all the time in the world."""
    return [
        text[span.start : span.end] for span in evidence.explain(scorer._toxicity, text, "toxicity", clock=lambda: 0.0)
    ]


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        ("I have read your letter, you idiot, and I disagree.", "idiot"),
        (CIVIL * 3 + "Shut up, you stupid bastard. " + CIVIL * 3, "bastard"),
        (CIVIL * 60 + "Shut up, you stupid bastard.", "bastard"),
        ("I have read your letter, you i d i o t, and I disagree.", "i d i o t"),
        ("I have read your letter, you id\u200biot, and I disagree.", "id\u200biot"),
        ("I have read your letter, you 1d10t, and I disagree.", "1d10t"),
        ("😂😂 I have read your letter, you idiot 😂", "idiot"),
    ],
)
def test_the_word_that_carries_the_score_is_found_in_the_original(scorer: Scorer, text: str, carrier: str) -> None:
    assert carrier in quotes(scorer, text)


def test_weights_are_shares_and_spans_stand_in_order_without_overlap(scorer: Scorer) -> None:
    text = "Shut up, you stupid bastard, you pathetic worthless idiot."

    spans = scorer.explain(Scorable(text), "toxicity")

    assert 0 < len(spans) <= evidence.MAX_SPANS
    assert all(span.of is Of.COMMENT and 0 < span.weight <= 1 for span in spans)
    assert sum(span.weight for span in spans) <= 1.001
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_low_score_has_nothing_to_show(scorer: Scorer) -> None:
    assert scorer.explain(Scorable("Thank you for the article about the tram."), "threat") == ()


@pytest.mark.parametrize("text", ["👍", "\u200b", " ", "!!!", "\n\n", "…", "1", "\u0301", "🖕", "a\u200b" * 600])
def test_any_text_can_be_explained(scorer: Scorer, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MIN_VALUE", 0.0)

    spans = scorer.explain(Scorable(text, language="en"), "toxicity")

    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_an_unknown_signal_or_language_has_nothing_to_show(scorer: Scorer) -> None:
    assert scorer.explain(Scorable("You idiot"), "sexual_explicit") == ()
    assert scorer.explain(Scorable("You idiot", language="sw"), "toxicity") == ()


def test_relevance_shows_its_passage(scorer: Scorer) -> None:
    comment = Scorable("The tram should go to the harbour", title="Tram", article_text="The tram goes to the harbour.")

    (span,) = scorer.explain(comment, "relevance")

    assert span.quote == "The tram goes to the harbour."


def test_when_the_time_is_spent_the_sentence_is_the_answer(scorer: Scorer) -> None:
    text = CIVIL + "Shut up, you stupid bastard. " + CIVIL
    ticks = count(step=10.0)

    (span,) = evidence.explain(scorer._toxicity, text, "toxicity", budget_s=5.0, clock=lambda: next(ticks))

    assert text[span.start : span.end] == "Shut up, you stupid bastard."
    assert span.weight == 1.0


def test_words_that_there_was_no_time_for_are_left_out_and_the_strongest_shown(scorer: Scorer) -> None:
    text = "You idiot, " + "and then we walked over to the old harbour " * 3 + "you stupid bastard fool moron clown"
    ticks = count(step=0.2)

    hurried = evidence.explain(scorer._toxicity, text, "toxicity", budget_s=0.3, clock=lambda: next(ticks))
    at_leisure = evidence.explain(scorer._toxicity, text, "toxicity")

    first, every = ({(span.start, span.end) for span in spans} for spans in (hurried, at_leisure))
    assert first
    assert first < every
