"""The project's own training texts: well formed, none twice, and none of the development suite's among them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from training.rows.dataset import LABELS

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "training" / "texts").glob("*.jsonl"))
CASES = sorted((ROOT / "tests" / "development" / "cases").glob("*.jsonl"))


def records(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def letters(text: str) -> str:
    """The text without case, spaces and marks, so that a copy with another full stop is still a copy."""
    return re.sub(r"\W+", "", text.casefold())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_has_a_kind_and_all_labels_between_0_and_1(path: Path) -> None:
    for record in records(path):
        assert record["text"].strip() and record["kind"], record
        assert all(0.0 <= record[label] <= 1.0 for label in LABELS), record


def test_no_text_comes_twice() -> None:
    counts = Counter(letters(record["text"]) for path in FILES for record in records(path))

    assert [text for text, count in counts.items() if count > 1] == []


def test_no_text_is_a_case_of_the_development_suite() -> None:
    cases = {letters(record["text"]) for path in CASES for record in records(path)}
    own = {letters(record["text"]) for path in FILES for record in records(path)}

    assert len(own) > 8000 and len(cases) > 900
    assert own & cases == set()


def test_the_two_sides_of_a_pair_lie_in_one_file() -> None:
    places = [(record["pair"], path.stem) for path in FILES for record in records(path) if record.get("pair")]

    assert len({pair for pair, _ in places}) == len(set(places))
