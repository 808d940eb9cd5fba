"""Limits are chosen by what they may hold, and catch as much as that allows."""

from __future__ import annotations

import numpy as np
import pytest

from training.dataset import LABELS
from training.limits import GRID, Sample, Wish, chosen, curve, held_at, mentions, table

ROWS = 2_000
START = [0.83, 0.4, 0.98, 0.6, 0.79, 0.58]


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Half of the rows are toxic; toxicity and insult tell them apart, the other labels are noise near zero."""
    random = np.random.default_rng(5)
    toxic = np.arange(ROWS) % 2 == 0
    scores = (random.random((ROWS, len(LABELS))) * 0.05).astype(np.float32)
    for place in (0, 4):
        scores[:, place] = np.clip(random.normal(np.where(toxic, 0.75, 0.35), 0.15), 0, 1)
    return Sample(scores, ((~toxic, 0.03),), (toxic,))


def test_the_limits_keep_the_wish_and_catch_more_than_those_they_started_from(sample: Sample) -> None:
    found = chosen(sample, START)
    held = held_at(sample.scores, found)

    assert held[sample.bounded[0][0]].mean() <= 0.03
    assert sample.worth(held) > sample.worth(held_at(sample.scores, START)) + 0.05


def test_a_start_that_breaks_the_wish_is_made_stricter_first(sample: Sample) -> None:
    found = chosen(sample, [0.3] * len(LABELS))

    assert sample.keeps(held_at(sample.scores, found))
    assert all(limit <= GRID[-1] for limit in found)


def test_a_stricter_wish_catches_less(sample: Sample) -> None:
    civil = sample.bounded[0][0]
    strict = Sample(sample.scores, ((civil, 0.005),), sample.caught)

    assert sample.worth(held_at(sample.scores, chosen(strict, START))) < sample.worth(
        held_at(sample.scores, chosen(sample, START))
    )


def test_a_group_that_is_named_is_found_by_its_plain_words() -> None:
    found = mentions(["My neighbours are Muslims.", "The tram was late."])

    assert found["muslims"].tolist() == [True, False]


def test_the_table_has_a_column_for_each_choice_and_a_line_for_each_group(sample: Sample) -> None:
    bounded = sample.bounded * 3
    whole = Sample(sample.scores, bounded, sample.caught * 2)

    lines = table(whole, {"muslims": bounded[0][0]}, {"now": START, "new": START}).splitlines()

    assert lines[0] == "| | now | new |"
    assert lines[-1].startswith("| civil, mention muslims, held (of 1,000) |")


def test_looser_limits_hold_and_catch_more(sample: Sample) -> None:
    points = curve(sample, START)

    assert points == sorted(points, reverse=True)
    assert Wish().news == 0.03
