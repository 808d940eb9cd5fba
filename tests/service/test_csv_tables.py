from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from service import csv_tables

ROOT = Path(__file__).parents[2]
CODE = ("bench", "deploy", "examples", "gavel", "moderation", "service", "workers")


def written(*cells: object) -> list[str]:
    (row,) = csv.reader(io.StringIO(csv_tables.as_csv([cells]), newline=""))
    return row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    assert written(f"{start}1+1", "after it") == [f"'{start}1+1", "after it"]


@pytest.mark.parametrize("end", [";", "\n", "\r\n", "\t", "; "])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_no_formula_begins_a_cell_where_semicolons_part_them(end: str, sign: str) -> None:
    text = csv_tables.as_csv([["Ana", f"a{end}{sign}1+1{end}b", 3]])

    cells = [cell for line in text.splitlines() for cell in re.split("[;\t]", line)]
    assert not any(cell.strip().startswith(sign) for cell in cells)


def test_numbers_and_other_words_stay_as_they_are() -> None:
    cells = [-1.5, 0, "", "a=b", "e-mail", "ana@paper.example", 'He said: "1, 2"', "two\nlines", "Well ;-)", "a; b"]

    assert written(*cells) == [str(cell) for cell in cells]


def test_no_other_module_writes_csv() -> None:
    modules = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    writers = [path for path in modules if re.search(r"csv\.(writer|DictWriter)\b|to_csv\(", path.read_text())]

    assert [str(path.relative_to(ROOT)) for path in writers] == ["service/csv_tables.py"]
