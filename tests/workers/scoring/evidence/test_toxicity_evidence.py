"""The words that carry a score are shown at their place in the reader's own text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from moderation.ground.values.signals import Of, Span
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.word_lists import word_list
from tests.workers.scoring.evidence.marked import CIVIL, Meter, toxicity_of
from workers.scoring.evidence import occlusion, token_marks
from workers.scoring.evidence import toxicity_words as toxicity_evidence
from workers.scoring.evidence.occlusion import Occlusion
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.explainers import explainer_of

EITHER_WAY = pytest.mark.parametrize("kind", [None, Occlusion], ids=["the scorer's own way", "occlusion"])


def evidence(scorer: Scorer, comment: Scorable, signal: str) -> tuple[Span, ...]:
    (found,) = scorer.explain([Unexplained(comment, (signal,))])
    return found.get(signal, ())


def quotes(scorer: Scorer, text: str, kind: type[Occlusion] | None) -> list[str]:
    """The words behind toxicity that are shown when time has no limit: by the scorer's own way, or by another one."""
    explainer = kind(toxicity_of(scorer)) if kind else explainer_of(toxicity_of(scorer))
    limits = {"clock": lambda: 0.0} if isinstance(explainer, Occlusion) else {}
    (found,) = explainer.explain([CommentToExplain(text, ("toxicity",))], **limits)
    return [text[span.start : span.end] for span in found["toxicity"]]


@pytest.mark.parametrize(("start", "end"), [(4, 6), (5, 6), (0, 6), (3, 6)])
def test_a_stretch_of_spaces_at_the_end_of_a_text_is_a_span(start: int, end: int) -> None:
    span = toxicity_evidence.span_of(Copy.of("vile  "), start, end, 1.0)

    assert 0 <= span.start < span.end <= 6


@EITHER_WAY
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
        ("I have read your letter, you ｉｄｉｏｔ, and I disagree.", "ｉｄｉｏｔ"),
        ("Read it again 😂 What a 💩 letter, go away 🖕", "🖕"),
        ("I hope that they ☠️ all", "☠️"),
        ("And then we walked over to the old harbour and looked at the boats and " * 4 + "you bastard left", "bastard"),
    ],
)
def test_the_word_that_carries_the_score_is_found_in_the_original(
    scorer: Scorer, kind: type[Occlusion] | None, text: str, carrier: str
) -> None:
    assert carrier in quotes(scorer, text, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Shut up, you stupid bastard, you pathetic worthless idiot.",
        "🤬 you all, you 🤡🤡🤡 🖕",  # an emoji's name has many words
        "y o u  i d i o t and b a s t a r d",
    ],
)
def test_weights_are_shares_and_spans_stand_in_order_without_overlap(scorer: Scorer, text: str) -> None:
    scorer.score([Scorable(text)])

    spans = evidence(scorer, Scorable(text), "toxicity")

    assert 0 < len(spans) <= toxicity_evidence.MAX_SPANS
    assert all(span.of is Of.COMMENT and 0 < span.weight <= 1 for span in spans)
    assert sum(span.weight for span in spans) <= 1.001
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_low_score_has_nothing_to_show(scorer: Scorer) -> None:
    assert evidence(scorer, Scorable("Thank you for the article about the tram."), "threat") == ()


@pytest.mark.parametrize(
    "text", ["👍", "\u200b", " ", "!!!", "\n\n", "…", "1", "\u0301", "🖕", "a\u200b" * 600, "👍🏽" * 300]
)
def test_any_text_can_be_explained(scorer: Scorer, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in (occlusion, token_marks):
        monkeypatch.setattr(way, "MIN_VALUE", 0.0)

    spans = evidence(scorer, Scorable(text, language="en"), "toxicity")

    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize("signal", ["sexual_explicit", "language.supported", "links"])
def test_a_signal_without_words_in_the_text_has_nothing_to_show(scorer: Scorer, signal: str) -> None:
    assert evidence(scorer, Scorable("You idiot"), signal) == ()


def test_only_what_is_asked_about_is_explained_and_nothing_is_read_again(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter(monkeypatch)
    one = Scorable("You idiot, the tram never came and my phone is broken", title="A tram for the old town")
    scorer.score([one])

    nothing = meter.spent(lambda: scorer.explain([Unexplained(one, ())]))
    again = meter.spent(lambda: scorer.explain([Unexplained(one, ("relevance", "toxicity"))]))
    (found,) = scorer.explain([Unexplained(one, ("relevance",))])

    assert nothing <= 2  # occlusion compares with the empty text
    assert again <= 2
    assert set(found) == {"relevance"}


def test_no_comment_of_a_batch_is_read_again_for_another_signal(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter(monkeypatch)
    rude, astray = Scorable("You idiot, what a moron"), Scorable("My phone is broken again", title="A new tram line")
    scorer.score([rude, astray])

    again = meter.spent(lambda: scorer.explain([Unexplained(rude, ("toxicity",)), Unexplained(astray, ("relevance",))]))

    assert again <= 2  # occlusion compares with the empty text


def test_a_batch_is_explained_as_each_comment_alone(scorer: Scorer) -> None:
    texts = ["Shut up, you stupid bastard.", CIVIL + "What an idiot you are.", "Thank you for the article.", "Moron."]
    wanted = [Unexplained(Scorable(text), ("toxicity", "insult")) for text in texts]

    together = scorer.explain(wanted)

    alone = [scorer.explain([one])[0] for one in wanted]
    places = [
        [{n: [(s.start, s.end) for s in spans] for n, spans in e.items()} for e in found] for found in (together, alone)
    ]
    assert places[0] == places[1]
    assert set(together[0]) == {"toxicity", "insult"}
    assert together[2] == {}


@EITHER_WAY
def test_words_that_say_nothing_are_not_shown_where_others_tell(scorer: Scorer, kind: type[Occlusion] | None) -> None:
    text = "Nobody asked you, you stupid, worthless clown."

    shown = quotes(scorer, text, kind)

    assert {"stupid", "worthless", "clown"} <= set(shown)
    assert not word_list("function/en") & {word.lower() for word in shown}
