"""Side-by-side measurements, and what they share: options, reports and arithmetic.

The plan of a measurement declares its options: ``rounds: Annotated[int, Option("of each text")] = 5`` becomes
``--rounds``. A field without a default becomes a positional argument, and a tuple takes several values. A field without
an ``Option`` stays at its default.

A result is a Markdown table on standard output and a JSON file. Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from statistics import fmean, linear_regression
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints


class DataclassInstance(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Plan = TypeVar("Plan", bound=DataclassInstance)


@dataclass(frozen=True, slots=True)
class Option:
    help: str | None = None
    name: str | None = None  # with underscores, if it is not the field's own
    metavar: str | None = None


def add_options(parser: argparse.ArgumentParser, plan: type[DataclassInstance]) -> None:
    for field, value, option in _declared(plan):
        kind, *others = get_args(value) or (value,)  # int of tuple[int, ...], Path of Path | None
        name, is_positional = option.name or field.name, field.default is MISSING
        parser.add_argument(
            name if is_positional else f"--{name.replace('_', '-')}",
            type=kind,
            nargs="+" if Ellipsis in others else None,
            choices=tuple(kind) if issubclass(kind, StrEnum) else None,
            default=None if is_positional else field.default,
            help=option.help,
            metavar=option.metavar,
        )


def plan_from(options: argparse.Namespace, plan: type[Plan]) -> Plan:
    given = {field.name: getattr(options, option.name or field.name) for field, _, option in _declared(plan)}
    return plan(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def _declared(plan: type[DataclassInstance]) -> Iterator[tuple[Field[Any], Any, Option]]:
    hints = get_type_hints(plan, include_extras=True)
    for field in fields(plan):
        if get_origin(hints[field.name]) is Annotated:
            value, option = get_args(hints[field.name])
            yield field, value, option


OUT = Path("var") / "bench"


@dataclass(frozen=True, slots=True)
class Result:
    """``values`` hold every number unrounded; people read the table and the lines under it."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[str] = ()
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    failed: Sequence[str] = ()  # checks that failed

    def markdown(self) -> str:
        table = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        parts = ["\n".join(f"| {' | '.join(row)} |" for row in table)] if self.rows else []
        parts += [f"- {line}" for line in (*self.lines, *(f"FAILED: {failure}" for failure in self.failed))]
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


@dataclass(frozen=True, slots=True)
class Slope:
    """Change per unit of x, and its standard error by ordinary least squares.

    The error assumes independent residuals. A process's memory a moment later is not, so the error is a lower bound.
    """

    per_unit: float
    error: float


def slope(x: Sequence[float], y: Sequence[float]) -> Slope | None:
    """None for fewer than three points, which leave a line without an error."""
    if len(x) < 3 or len(set(x)) < 2:
        return None
    fitted, middle = linear_regression(x, y), fmean(x)
    residuals = sum((b - fitted.intercept - fitted.slope * a) ** 2 for a, b in zip(x, y, strict=True))
    spread = sum((a - middle) ** 2 for a in x)
    return Slope(fitted.slope, math.sqrt(residuals / (len(x) - 2) / spread))


def percentile(ranked: Sequence[float], share: float) -> float:
    """Of values in order; NaN if there are none."""
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else math.nan


def ratio(a: float, b: float) -> str:
    """``a`` divided by ``b``, for people."""
    return "–" if not b or math.isnan(a) or math.isnan(b) else f"{a / b:.2f}"


def in_ms(seconds: float) -> str:
    return "–" if math.isnan(seconds) else f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"
