"""The comments that each default rule catches and costs, on rows whose rules are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.limits.policy_rows import AGREED_CIVIL, AGREED_TOXIC, MIX, PAPER, RULES, Read, save
from training.limits.prices import held_by, main, own, table

NEWCOMERS = "A newcomer's link that may be spam"
ROWS = (
    (MIX, "toxic", {"toxicity": 0.9, "insult": 0.9}),
    (MIX, "toxic", {"insult": 0.83}),
    (MIX, "civil", {"spam": 0.7, "links": 1}),
    (MIX, "civil", {"spam": 0.06, "links": 1}),
    (MIX, "civil", {"spam": 0.06}),
    (PAPER, "", {"insult": 0.81, "spam": 0.61}),
)


@pytest.fixture
def read() -> Read:
    values = np.zeros((len(ROWS), len(RULES)), dtype=np.float32)
    for row, (_kind, _agreed, signals) in enumerate(ROWS):
        for name, value in signals.items():
            values[row, RULES.index(name)] = value
    kinds, agreed = (np.asarray([row[at] for row in ROWS]) for at in (0, 1))
    toxicity = np.asarray([1, 1, 0, 0, 0, np.nan], dtype=np.float32)
    return Read(kinds, toxicity, agreed, values, {})


def test_a_comment_is_a_rules_own_if_no_other_holds_it(read: Read) -> None:
    held = held_by(read)

    assert held["insult"].tolist() == [True, True, False, False, False, False]
    assert own(held, "insult").tolist() == [False, True, False, False, False, False]
    assert not own(held, "toxicity").any()


def test_a_rule_for_newcomers_costs_only_what_the_others_do_not_hold(read: Read) -> None:
    held = held_by(read)

    assert held[NEWCOMERS].tolist() == [False, False, True, True, False, False]
    assert own(held, NEWCOMERS).tolist() == [False, False, False, True, False, False]
    assert own(held, "spam").tolist() == [False, False, True, False, False, False]


def test_the_table_counts_each_kind_and_joins_idle_rules(
    read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(read, tmp_path / "policy.npz")

    main([str(tmp_path)])

    printed = capsys.readouterr().out
    assert printed.strip() == table(read)
    assert f"{AGREED_TOXIC}, of 2" in printed and f"{AGREED_CIVIL}, of 3" in printed
    assert "| insult | 2, 1 alone | 2, 1 alone | 0, 0 alone | 0, 0 alone | 0, 0 alone |" in printed
    assert f"| {NEWCOMERS} | 0, 0 alone | 0, 0 alone | 2, 1 alone | 2, 1 alone | 0, 0 alone |" in printed
    idle = next(line for line in printed.splitlines() if "shouting" in line)
    assert "threat" in idle and idle.endswith("| 0 | 0 | 0 | 0 | 0 |")


def test_every_default_limit_on_a_rule_of_the_rows_is_priced(read: Read) -> None:
    assert set(RULES) <= set(held_by(read)) and set(RULES) <= set(DEFAULT_LIMITS)
