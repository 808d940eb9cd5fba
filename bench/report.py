"""A measurement's output: a Markdown table on standard output, a JSON file, and its progress on standard error."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OUT = Path("var") / "bench"


@dataclass(frozen=True, slots=True)
class Result:
    """``values`` hold every number unrounded; people read the table and the lines under it."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    failed: Sequence[str] = ()  # checks that failed

    def markdown(self) -> str:
        table = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        parts = ["\n".join(f"| {' | '.join(row)} |" for row in table)] if self.rows else []
        parts += [f"- {line}" for line in (*self.lines, *(f"FAILED: {each}" for each in self.failed))]
        return "\n".join((f"## {self.name}", "", *parts))


def tell(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def keep(result: Result, folder: Path) -> Path:
    """Writes the JSON file and prints the table. Returns the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.name}.json"
    said = {"name": result.name, "at": datetime.now(UTC).isoformat(), "machine": machine(), **result.values}
    said |= {"table": [list(result.columns), *map(list, result.rows)], "failed": list(result.failed)}
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(result.markdown(), end="\n\n", flush=True)
    return path


def machine() -> dict[str, Any]:
    """The hardware and software of a measurement, without the machine's name."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
