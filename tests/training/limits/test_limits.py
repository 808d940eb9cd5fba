"""Limits are chosen by what the whole policy may hold, and catch as much as that allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.limits.choose import MOVED, chosen, costs, curve, interval, moved, table
from training.limits.policy_rows import AGREED_CIVIL, MIX, PAPER, RULES, WIDER, Read, Wish, kept, mentions, save

ROWS = 3_000
START = {**DEFAULT_LIMITS, **dict.fromkeys(MOVED, 0.9)}


@pytest.fixture(scope="module")
def read() -> Read:
    """A third of the comments each is published, in the natural mix and of the wider choice. Toxicity and insult tell
    toxic ones apart, the other signals are noise near zero; two published comments in a hundred have a listed word."""
    random = np.random.default_rng(5)
    kind = np.asarray([PAPER, MIX, WIDER] * (ROWS // 3))
    toxic = np.where(kind == WIDER, True, (kind == MIX) & (random.random(ROWS) < 0.1))
    values = (random.random((ROWS, len(RULES))) * 0.05).astype(np.float32)
    for name in ("toxicity", "insult"):
        values[:, RULES.index(name)] = np.clip(random.normal(np.where(toxic, 0.75, 0.35), 0.15), 0, 1)
    values[:, RULES.index("words.slurs")] = (kind == PAPER) & (np.arange(ROWS) % 150 < 3)  # drawn ones may be fewer
    toxicity = np.where(kind == PAPER, np.nan, toxic).astype(np.float32)
    groups = {"women": random.random(ROWS) < 0.2, "jews": random.random(ROWS) < 0.002}
    agreed = np.where(kind == MIX, np.where(toxic, "toxic", "civil"), "")
    return Read(kind, toxicity, agreed, values, groups)


def test_the_limits_keep_the_wish_and_catch_more_than_those_they_started_from(read: Read) -> None:
    found = chosen(read, START, Wish(), starts=3)
    held = read.held(found)

    assert held[read.parts["published"]].mean() <= 0.025
    assert held[read.parts[AGREED_CIVIL]].mean() <= 0.02
    assert read.worth(found) > read.worth(START) + 0.05


def test_words_of_lists_count_in_the_budget(read: Read) -> None:
    without = replace(read, values=np.where(np.asarray(RULES) == "words.slurs", 0, read.values).astype(np.float32))

    of_both = [one.worth(chosen(one, START, Wish(), starts=3)) for one in (without, read)]
    assert of_both[0] > of_both[1]


def test_a_group_that_is_named_has_a_budget_of_its_own(read: Read) -> None:
    women = read.groups["women"]
    values = read.values.copy()
    for rule in ("toxicity", "insult"):
        values[women, RULES.index(rule)] += 0.2
    louder = replace(read, values=values)

    found = louder.held(chosen(louder, START, Wish(), starts=3))

    harmless = louder.parts["published"] | louder.parts[AGREED_CIVIL]
    assert found[harmless & women].mean() <= 0.03
    assert "jews" not in [name for name, _, _ in louder.budgets(Wish())]  # too few to tell


def test_a_start_that_breaks_the_wish_is_made_stricter_first(read: Read) -> None:
    found = read.held(chosen(read, START | dict.fromkeys(MOVED, 0.3), Wish(), starts=1))

    assert all(found[mask].mean() <= most + 1e-6 for _, mask, most in read.budgets(Wish()))


def test_a_rule_that_breaks_the_wish_by_itself_is_no_endless_search(read: Read) -> None:
    with pytest.raises(ValueError, match="by themselves"):
        chosen(read, START | {"words.slurs": 0.0}, Wish(), starts=3)


def test_the_tables_show_limits_shares_with_intervals_and_the_cost_of_each_rule(read: Read) -> None:
    shown, by_rule = table(read, {"now": START, "stricter": START | {"toxicity": 0.99}}, Wish()), costs(read, START)

    assert "| toxicity | 0.90 | 0.99 |" in shown
    assert f"| published (of {ROWS // 3:,}) | " in shown
    assert "| words.slurs | " in by_rule
    assert interval(0.025, 1_000) == "2.5 % [1.7–3.7]"
    assert curve(read, START)[0][0] >= curve(read, START)[-1][0]


def test_scores_are_kept_for_another_choice(read: Read, tmp_path: Path) -> None:
    save(read, tmp_path / "policy.npz")

    again = kept(tmp_path / "policy.npz")

    np.testing.assert_array_equal(again.values, read.values)
    assert again.groups.keys() == read.groups.keys()


def test_groups_are_found_by_their_names() -> None:
    found = mentions(["Women should vote.", "Nobody is named."])

    assert found["women"].tolist() == [True, False]


def test_scores_move_so_that_the_default_limits_hold_what_the_limits_found_hold() -> None:
    manifest = {"version": "1", "calibration": {name: {"scale": 2.0, "shift": 0.5} for name in MOVED}}
    found = {**DEFAULT_LIMITS, "toxicity": 0.9}

    shifted = moved(manifest, found)["calibration"]

    odds = np.log(0.9 / 0.1)  # of a comment that is just held at the limit found
    value = 1 / (1 + np.exp(-(odds - 0.5 + shifted["toxicity"]["shift"])))
    assert value == pytest.approx(DEFAULT_LIMITS["toxicity"])
    assert shifted["insult"]["shift"] == pytest.approx(0.5)
