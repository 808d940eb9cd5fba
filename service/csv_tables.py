"""Tables as CSV that is safe to open in a spreadsheet. Every CSV that Gavel writes is written here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""The second four are as wide as a Chinese letter; some spreadsheets read them as the first four."""

_FORMULA_INSIDE = re.compile(r"[;\t\r\n](?=\s*(?:[=+@\uff1d\uff0b\uff20]|[-\uff0d](?!\))))")
"""Where semicolons part cells, as in Germany and France, these begin a cell or row, quoted or not. ``;-)`` is none."""


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Cells, and parts of cells, that a spreadsheet would run as a formula get an apostrophe in front."""
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def _harmless(cell: object) -> object:
    """https://owasp.org/www-community/attacks/CSV_Injection"""
    if not isinstance(cell, str):
        return cell
    start = "'" if _FORMULA.match(cell) else ""
    return start + _FORMULA_INSIDE.sub(lambda sign: f"{sign[0]}'", cell)
