"""The written pairs, and what is measured on them, on scores whose order is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.context.measure import Read, crossed, scores, table
from training.context.pairs import LANGUAGES, InContext, read_pairs

FEWEST = 400


def turns(first: InContext, second: InContext) -> bool:
    return first.is_toxic != second.is_toxic


def test_there_are_enough_cases_and_half_of_the_pairs_turn() -> None:
    members = [member for language in LANGUAGES for member in read_pairs(language)]
    pairs = list(zip(members[::2], members[1::2], strict=True))

    assert len(members) >= FEWEST
    assert all(first.text == second.text and first.context != second.context for first, second in pairs)
    assert sum(turns(*pair) for pair in pairs) == len(pairs) / 2
    assert len({first.text for first, _ in pairs}) == len(pairs)


def test_where_the_verdict_stays_it_is_as_often_toxic_as_civil() -> None:
    for language in LANGUAGES:
        members = read_pairs(language)
        staying = [pair for pair in zip(members[::2], members[1::2], strict=True) if not turns(*pair)]

        assert sum(first.is_toxic for first, _ in staying) == len(staying) / 2


def test_a_line_without_a_context_is_refused_by_its_number(tmp_path: Path) -> None:
    sides = {"first": {"headline": "A", "label": "hold"}, "second": {"label": "publish"}}
    (tmp_path / "en.jsonl").write_text(json.dumps({"text": "Typical.", **sides}), encoding="utf-8")

    with pytest.raises(ValueError, match="en, pair 1: second needs one of headline, parent"):
        read_pairs("en", tmp_path)


def members(count: int) -> list[InContext]:
    """Pairs whose second member is toxic."""
    return [InContext(f"t{at // 2}", f"c{at}", at % 2 == 1, at // 2) for at in range(count)]


def made(members: list[InContext]) -> Read:
    """The joined score knows the verdict, the others are noise."""
    random = np.random.default_rng(1)
    toxic = np.asarray([member.is_toxic for member in members], dtype=np.float32)
    noise = [random.normal(size=len(members)).astype(np.float32) for _ in range(3)]
    alone = np.repeat(noise[0][::2], 2)
    return Read(alone, noise[1], 4 * toxic + noise[1], noise[2])


def test_a_way_that_knows_the_verdict_is_better_and_the_text_alone_orders_no_pair() -> None:
    pairs = members(80)
    rows = made(pairs)
    toxic = np.asarray([member.is_toxic for member in pairs], dtype=np.float32)

    lines = table("made", scores(rows, crossed(rows, pairs)), toxic, [member.pair for member in pairs])

    by_way = {line.split(" | ")[1]: line for line in lines}
    assert by_way["the text alone"].split(" | ")[2:4] == ["0.500", "–"]
    assert "0 of 40" in by_way["the text alone"]
    assert "40 of 40" in by_way["added"] and "40 of 40" in by_way["head"]
    assert "+0.5" in by_way["head"] and "[-" not in by_way["head"]


def test_no_head_learns_from_the_pair_that_it_scores() -> None:
    pairs = members(80)
    rows = made(pairs)
    lies = [InContext(m.text, m.context, not m.is_toxic if m.pair == 0 else m.is_toxic, m.pair) for m in pairs]

    np.testing.assert_array_equal(crossed(rows, pairs)[:2], crossed(rows, lies)[:2])
