"""A comment that uses up its time is left out, and its neighbours are scored."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from moderation.ground.errors import TooCostly
from moderation.ground.values.signals import Signal
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from tests.builders import a_comment_to_score
from tests.ticking import TickingClock
from workers.scoring.scorable import Scorable
from workers.scoring.within_budget import signals_by_model, signals_by_rule


class SlowOn:
    """A scorer that spends all time of the texts it is slow on."""

    def __init__(self, *slow: str) -> None:
        self.slow = slow
        self.batches: list[list[str]] = []

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        self.batches.append([one.text for one in batch])
        for one in batch:
            if one.text in self.slow:
                with one.budget:
                    for _ in one.budget.over(range(10_000)):
                        pass
        return [(Signal("toxicity", 0.1, one.text),) for one in batch]


def batch(*texts: str) -> dict[int, Scorable]:
    return {i: Scorable(text, reading=Reading(text, Budget(0.05, TickingClock(0.001)))) for i, text in enumerate(texts)}


def test_comments_that_spend_their_time_are_left_out_one_after_the_other() -> None:
    scorer = SlowOn("b", "d")

    found = signals_by_model(scorer, batch("a", "b", "c", "d"))  # type: ignore[arg-type]

    assert {i: signals[0].source for i, signals in found.items()} == {0: "a", 2: "c"}
    assert scorer.batches == [["a", "b", "c", "d"], ["a", "c", "d"], ["a", "c"]]


def test_a_batch_of_nothing_but_costly_comments_gives_nothing() -> None:
    assert signals_by_model(SlowOn("a"), batch("a")) == {}  # type: ignore[arg-type]


def test_a_scorer_that_complains_without_reason_is_not_asked_for_ever() -> None:
    class Complaining:
        def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
            raise TooCostly(0.05)

    with pytest.raises(TooCostly):
        signals_by_model(Complaining(), batch("a"))  # type: ignore[arg-type]


def test_a_long_hostile_text_has_no_signals_by_rule_and_a_short_one_has() -> None:
    costly, cheap = (
        a_comment_to_score(text, reading=Reading(text, Budget(0.05, TickingClock(0.0005))))
        for text in ("id*ot " * 3_000, "id*ot")
    )

    assert signals_by_rule(costly) is None
    assert {"links", "words.banned"} <= {s.name for s in signals_by_rule(cheap) or ()}
