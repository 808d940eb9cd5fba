"""The table of limits counts what each would hold."""

from __future__ import annotations

import pytest

from training.relevance.limits import LIMITS, held, own_pairs, table
from training.relevance.teacher import relevance_of
from training.rows.pairs import Pair
from workers.scoring.engines.weights import default_models_dir
from workers.scoring.relevance.comparing import Relevance

TITLE = "Fishing fleet protests against new cod quotas"
ON = Pair("The cod quota will ruin the fishing fleet and every skipper in it", True, title=TITLE)
OFF = Pair("Preheat the oven, whisk the eggs and fold in the flour very gently", False, title=TITLE)
SHORT = Pair("lol", False, title=TITLE)


@pytest.fixture(scope="module")
def relevance() -> Relevance:
    return relevance_of(default_models_dir() / "toxicity")


def test_what_is_off_topic_lies_below_and_what_is_too_short_does_not_count(relevance: Relevance) -> None:
    on_topic, off_topic = zip(*held(relevance, [ON, OFF, SHORT]), strict=True)

    assert on_topic == (0.0,) * len(LIMITS)
    assert off_topic[-1] == 1.0
    assert list(off_topic) == sorted(off_topic)


def test_the_table_has_a_line_for_each_set(relevance: Relevance) -> None:
    lines = table(relevance, [("one", [ON, OFF]), ("two", [OFF, ON, ON])]).splitlines()

    assert [line.split(" | ")[0] for line in lines[2:]] == ["| one", "| two"]
    assert lines[2].rstrip(" |").split(" | ")[-1] == "0.0 / 100 %"


def test_our_articles_come_with_standfirst_and_with_the_title_alone() -> None:
    (_, whole), (_, titles) = own_pairs()

    assert len(whole) == len(titles) > 1_000
    assert all(pair.summary for pair in whole)
    assert not any(pair.summary for pair in titles)
