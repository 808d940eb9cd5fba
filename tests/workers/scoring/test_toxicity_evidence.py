"""The words that carry a score are shown at their place in the reader's own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, pairwise
from typing import Any

import numpy as np
import pytest
from tokenizers import Encoding

from moderation.model.signals import Of, Span
from workers.scoring import toxicity_evidence
from workers.scoring.engines import Floats, OnnxSession
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity import Scored, Toxicity
from workers.scoring.toxicity_evidence import Asked, Explainer, LogOdds
from workers.scoring.toxicity_scorer import ToxicityScorer
from workers.text.word_lists import word_list

CIVIL = "The committee met on Tuesday and discussed the drainage of the lower fields. "


def toxicity_of(scorer: Scorer) -> Toxicity:
    return next(one.judges[0] for one in scorer.scorers if isinstance(one, ToxicityScorer))


def evidence(scorer: Scorer, comment: Scorable, signal: str) -> tuple[Span, ...]:
    (found,) = scorer.explain([Unexplained(comment, (signal,))])
    return found.get(signal, ())


def quotes(scorer: Scorer, text: str) -> list[str]:
    """The words that are shown when time has no limit."""
    return [text[span.start : span.end] for span in explain(scorer, text, clock=lambda: 0.0)]


def explain(scorer: Scorer, text: str, **limits: Any) -> tuple[Span, ...]:
    """The words behind toxicity, found by an explainer that knows no words yet."""
    (found,) = Explainer(toxicity_of(scorer)).explain([Asked(text, ("toxicity",))], **limits)
    return found["toxicity"]


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
def test_the_word_that_carries_the_score_is_found_in_the_original(scorer: Scorer, text: str, carrier: str) -> None:
    assert carrier in quotes(scorer, text)


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
    monkeypatch.setattr(toxicity_evidence, "MIN_VALUE", 0.0)

    spans = evidence(scorer, Scorable(text, language="en"), "toxicity")

    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize("signal", ["sexual_explicit", "language.supported", "links"])
def test_a_signal_without_words_in_the_text_has_nothing_to_show(scorer: Scorer, signal: str) -> None:
    assert evidence(scorer, Scorable("You idiot"), signal) == ()


def test_when_the_time_is_spent_the_sentence_is_the_answer(scorer: Scorer) -> None:
    text = CIVIL + "Shut up, you stupid bastard. " + CIVIL
    ticks = count(step=10.0)

    (span,) = explain(scorer, text, budget_s=5.0, clock=lambda: next(ticks))

    assert text[span.start : span.end] == "Shut up, you stupid bastard."
    assert span.weight == 1.0


def test_words_that_there_was_no_time_for_are_left_out_and_the_strongest_shown(scorer: Scorer) -> None:
    text = "You idiot, " + "and then we walked over to the old harbour " * 3 + "you stupid bastard fool moron clown"
    ticks = count(step=0.2)

    hurried = explain(scorer, text, budget_s=0.3, clock=lambda: next(ticks))
    at_leisure = explain(scorer, text, clock=lambda: 0.0)

    first, every = ({(span.start, span.end) for span in spans} for spans in (hurried, at_leisure))
    assert first
    assert first < every


def test_only_what_is_asked_about_is_read(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment in a language that the weights do not know was never scored for toxicity, nor is it to be explained."""
    meter, asked = Meter(monkeypatch), list[str]()
    foreign = Scorable("Habari ya asubuhi, rafiki yangu wa zamani sana", language="sw", title="A tram")
    scorer.score([foreign])

    def scored(_self: Toxicity, texts: Sequence[str]) -> list[Scored]:
        asked.extend(texts)
        return []

    monkeypatch.setattr(Toxicity, "scored", scored)
    nothing = meter.spent(lambda: scorer.explain([Unexplained(foreign, ())]))
    (found,) = scorer.explain([Unexplained(foreign, ("relevance",))])

    assert nothing <= 2  # the empty text, which all words are compared with
    assert set(found) == {"relevance"}
    assert asked == []


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


def test_where_no_word_says_much_alone_every_strong_one_is_left_out() -> None:
    plain, veiled = column(6.0, 0.1, 1.5), column(0.3, 0.1, -0.2)

    assert toxicity_evidence.candidates(plain, column(6.5)[0]) == [0, 2]
    assert toxicity_evidence.candidates(veiled, column(5.0)[0]) == [0, 1, 2]
    assert toxicity_evidence.candidates(-plain, column(5.0)[0]) == [1, 2, 0]
    assert toxicity_evidence.candidates(np.zeros((0, 1), dtype=np.float32), column(5.0)[0]) == []


def column(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float32).reshape(-1, 1)


class Meter:
    """Counts the tokens that go through a model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tokens, run = 0, OnnxSession.read

        def metered(session: OnnxSession, encodings: Sequence[Encoding]) -> dict[str, Floats]:
            self.tokens += sum(len(e.ids) for e in encodings)
            return run(session, encodings)

        monkeypatch.setattr(OnnxSession, "read", metered)

    def spent(self, call: Callable[[], object]) -> int:
        before = self.tokens
        call()
        return self.tokens - before


INSULTS = [
    f"I have read what {name} wrote about the {thing}, and {name} is a {word} who knows nothing about it."
    for name, thing, word in [
        ("Imogen", "harbour", "bloody idiot"), ("Marek", "tram", "moron"), ("Aisha", "budget", "pathetic clown"),
        ("Tomas", "school", "stupid fool"), ("Ruth", "bridge", "lying bastard"), ("Piet", "museum", "worthless liar"),
    ]
]  # fmt: skip


def test_signals_that_are_explained_together_share_the_cost(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    meter, names = Meter(monkeypatch), ("toxicity", "insult", "obscene")
    scorer.score([Scorable(INSULTS[0])])

    def cost(*signals: str) -> int:
        return meter.spent(lambda: Explainer(toxicity_of(scorer)).explain([Asked(INSULTS[0], signals)]))

    assert 0 < max(cost(name) for name in names) <= cost(*names) < sum(cost(name) for name in names)


def test_explaining_a_comment_costs_a_few_readings_of_it(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before signals and words were shared it cost thirteen; the words alone are paid for once."""
    meter, explainer = Meter(monkeypatch), Explainer(toxicity_of(scorer))
    scored = meter.spent(lambda: scorer.score([Scorable(text) for text in INSULTS]))
    asked = [Asked(text, ("toxicity", "insult")) for text in INSULTS]

    first = meter.spent(lambda: explainer.explain(asked))
    again = meter.spent(lambda: explainer.explain(asked))

    assert first < 6 * scored
    assert again == 0


def test_what_is_known_of_texts_keeps_to_its_bounds_and_to_what_was_asked_last() -> None:
    said = LogOdds(lambda texts: np.full((len(texts), 2), 0.5, dtype=np.float32))

    said.learn(["a", "b", "x" * 100, "c"])
    said.learn(["a"])
    said.forget(texts=3, chars=1_000)

    assert list(said._rows) == ["x" * 100, "c", "a"]

    said.forget(texts=3, chars=50)

    assert list(said._rows) == ["c", "a"]
    assert said["a"].base is None  # else a word would keep all of its batch


def test_words_that_say_nothing_are_not_shown_where_others_tell(scorer: Scorer) -> None:
    text = "Nobody asked you, you stupid, worthless clown."

    shown = quotes(scorer, text)

    assert {"stupid", "worthless", "clown"} <= set(shown)
    assert not word_list("function/en") & {word.lower() for word in shown}
