"""Occlusion finds words within its time, and pays for each text once."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest

from moderation.ground.values.signals import Span
from tests.workers.scoring.evidence.marked import CIVIL, Meter, toxicity_of
from workers.scoring.engines.onnx import Floats
from workers.scoring.evidence import occlusion
from workers.scoring.evidence.occlusion import LogOdds, Occlusion
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer


def explain(scorer: Scorer, text: str, **limits: Any) -> tuple[Span, ...]:
    """The words behind toxicity, found by an explainer that knows no words yet."""
    (found,) = Occlusion(toxicity_of(scorer)).explain([CommentToExplain(text, ("toxicity",))], **limits)
    return found["toxicity"]


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


def test_where_no_word_says_much_alone_every_strong_one_is_left_out() -> None:
    plain, veiled = column(6.0, 0.1, 1.5), column(0.3, 0.1, -0.2)

    assert occlusion.candidates(plain, column(6.5)[0]) == [0, 2]
    assert occlusion.candidates(veiled, column(5.0)[0]) == [0, 1, 2]
    assert occlusion.candidates(-plain, column(5.0)[0]) == [1, 2, 0]
    assert occlusion.candidates(np.zeros((0, 1), dtype=np.float32), column(5.0)[0]) == []


def column(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float32).reshape(-1, 1)


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
        return meter.spent(lambda: Occlusion(toxicity_of(scorer)).explain([CommentToExplain(INSULTS[0], signals)]))

    assert 0 < max(cost(name) for name in names) <= cost(*names) < sum(cost(name) for name in names)


def test_explaining_a_comment_costs_a_few_readings_of_it(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before signals and words were shared it cost more than twice as much; the words alone are paid for once."""
    meter, explainer = Meter(monkeypatch), Occlusion(toxicity_of(scorer))
    scored = meter.spent(lambda: scorer.score([Scorable(text) for text in INSULTS]))
    asked = [CommentToExplain(text, ("toxicity", "insult")) for text in INSULTS]

    first = meter.spent(lambda: explainer.explain(asked))
    again = meter.spent(lambda: explainer.explain(asked))

    assert first < 8 * scored
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
